import type { BrokerFault } from './fault.js';
import { outlive, resumed } from './outlive.js';
import { type Running, steady } from './steady.js';

/** A graceful restart at a third and at half of the run. */
export const theBrokerRestarts: BrokerFault = {
  id: 'F1',
  title: 'services outlive a restart of their broker without a restart of their own',
  does: 'the broker is restarted gracefully, at a third and at half of the run, while sends are under way',
  breaks: 'the broker',
  ordered: true,
  run: async (field) => {
    const took: number[] = [];
    const restart = async (run: Running): Promise<void> => {
      took.push(await outlive(run, () => field.broker.restart(), field.deadlineMs));
    };
    const outcome = await steady(field, {
      ordered: true,
      at: [
        [1 / 3, restart],
        [1 / 2, restart],
      ],
    });
    return { ...outcome, notes: [resumed(took)] };
  },
};
