import type { BrokerFault } from './fault.js';
import { type Running, steady } from './steady.js';

/** A graceful restart at a third and at half of the run. */
export const theBrokerRestarts: BrokerFault = {
  id: 'F1',
  title: 'services outlive a restart of their broker without a restart of their own',
  breaks: 'the broker',
  ordered: true,
  run: (field) => {
    const restart = async ({ busy }: Running): Promise<void> => {
      await busy();
      await field.broker.restart();
    };
    return steady(field, {
      ordered: true,
      at: [
        [1 / 3, restart],
        [1 / 2, restart],
      ],
    });
  },
};
