import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** SIGKILL of a process whose handlers have begun: another one gets their messages. */
export const aConsumerIsKilledInItsHandler: Fault = {
  id: 'F14',
  title: 'what a killed process was handling is handled by another',
  run: (field) =>
    steady(field, {
      at: [
        [
          1 / 3,
          async ({ queue, told }) => {
            await using victim = await field.harness.process({ definition: field.broker.definition(), queue, does: 'stall' });
            await told(victim);
            await victim.kill();
          },
        ],
      ],
    }),
};
