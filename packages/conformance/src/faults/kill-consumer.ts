import type { Field, Outcome } from './fault.js';
import type { ConsumerProcess, ConsumerScript } from './process.js';
import { steady } from './steady.js';

/** A run in which a second consumer, in a process of its own, takes messages and is killed before it acknowledges any. */
export const killConsumer = (field: Field, does: ConsumerScript['does']): Promise<Outcome> =>
  steady(field, {
    at: [
      [
        1 / 3,
        async ({ work, quiet, told }) => {
          let victim: ConsumerProcess | undefined;
          await quiet(async () => {
            victim = await field.harness.process({
              definition: field.broker.definition(),
              channel: work.channel.name,
              shape: work.shape,
              does,
            });
          });
          await using process = victim!;
          await told(process);
          await process.kill();
        },
      ],
    ],
  });
