import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** SIGKILL between the effect of a handler and its ack: the message is handled again, and that is counted. */
export const aConsumerIsKilledAfterTheEffect: Fault = {
  id: 'F15',
  title: 'a message whose effect was not acknowledged is handled again, and counted as a duplicate',
  run: (field) =>
    steady(field, {
      at: [
        [
          1 / 3,
          async ({ queue, told }) => {
            await using victim = await field.harness.process({ definition: field.broker.definition(), queue, does: 'effect' });
            await told(victim);
            await victim.kill();
          },
        ],
      ],
    }),
};
