import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** A graceful restart at a third and at half of the run. */
export const theBrokerRestarts: Fault = {
  id: 'F1',
  title: 'services outlive a restart of their broker without a restart of their own',
  ordered: true,
  run: (field) => {
    const restart = (): Promise<void> => field.broker.restart();
    return steady(field, {
      ordered: true,
      at: [
        [1 / 3, restart],
        [1 / 2, restart],
      ],
    });
  },
};
