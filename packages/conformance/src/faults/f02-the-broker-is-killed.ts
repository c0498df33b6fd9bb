import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** SIGKILL in the middle of the run: what was confirmed is on its disk. */
export const theBrokerIsKilled: Fault = {
  id: 'F2',
  title: 'nothing that was confirmed is lost when the broker is killed',
  ordered: true,
  run: (field) =>
    steady(field, {
      ordered: true,
      at: [
        [
          1 / 2,
          async () => {
            await field.broker.kill();
            await field.broker.restart();
          },
        ],
      ],
    }),
};
