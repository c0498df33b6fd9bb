import type { BrokerFault } from './fault.js';
import { type Running, steady } from './steady.js';

/** SIGKILL in the middle of the run: what was confirmed is on its disk. */
export const theBrokerIsKilled: BrokerFault = {
  id: 'F2',
  title: 'nothing that was confirmed is lost when the broker is killed',
  breaks: 'the broker',
  ordered: true,
  run: (field) => {
    const kill = async ({ busy }: Running): Promise<void> => {
      await busy();
      await field.broker.kill();
      await field.broker.restart();
    };
    return steady(field, {
      ordered: true,
      at: [
        [1 / 10, () => field.broker.settle()],
        [1 / 2, kill],
      ],
    });
  },
};
