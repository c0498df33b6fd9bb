import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import type { ConsumerProcess, Told } from './process.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

/** On top of the silence after which the broker gives its messages to others. */
const LONGER_MS = 2_000;

/** A handler blocks the event loop for longer than the broker is patient: others get its messages, and it comes back. */
export const aConsumerBlocks: SharingFault = {
  id: 'F16',
  title: 'what a blocked process held is handled by another, and it consumes again afterwards',
  does: 'a second consumer, in a process of its own, blocks its event loop for longer than its lock or heartbeats; later it is the only one',
  breaks: 'its own',
  run: async (field) => {
    const blockMs = field.harness.silenceMs + LONGER_MS;
    let consumer: ConsumerProcess | undefined;
    const effects: string[] = [];
    const block = async ({ work, quiet, told }: Running): Promise<void> => {
      await quiet(async () => {
        const script = { definition: field.broker.definition(), channel: work.channel.name, shape: work.shape };
        consumer = await field.harness.process({ ...script, does: 'block', blockMs });
      });
      consumer!.onTold((word: Told) => void (word.what === 'effect' && effects.push(word.id)));
      await told(consumer!);
      await until('the process goes on', () => effects.length > 0, blockMs + field.deadlineMs);
    };
    let before = 0;
    const leaveItAlone = async (run: Running): Promise<void> => {
      before = effects.length;
      await run.consumer.stop();
    };
    try {
      const outcome = await steady(field, {
        at: [
          [1 / 3, block],
          [3 / 4, leaveItAlone],
        ],
        end: async () => consumer?.stop(),
      });
      ok(outcome.counts.duplicated > 0, 'no message came again: the process was not blocked for long enough');
      const after = effects.length - before;
      ok(after >= field.volume / 10, `the process that had been blocked handled only ${after} messages when it was alone`);
      return { ...outcome, notes: [`blocked for ${blockMs} ms`, `the blocked one then handled the last ${after} alone`] };
    } finally {
      await consumer?.kill();
    }
  },
};
