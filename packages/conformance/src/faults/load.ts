import { setTimeout as wait } from 'node:timers/promises';
import { type App, isMessagingError } from '@omnibus/core';
import { Work, type WorkChannel } from './contracts.js';
import type { Books, Sample } from './counts.js';
import type { Pace } from './pace.js';

/** How much is sent, and how. */
export interface Load {
  readonly volume: number;
  readonly keys: number;
  /** Lines that send one message after another. */
  readonly lines: number;
  /** Ms that a line rests after each message. */
  readonly restMs: number;
  /** How often each message is sent, with the same id. */
  readonly copies: number;
}

/** The message of this number. */
export const sampleOf = (index: number, keys: number): Sample => ({
  id: `m${index}`,
  key: `k${index % keys}`,
  n: Math.floor(index / keys),
});

/** The number of a message. */
export const indexOf = (id: string): number => Number(id.slice(1));

/** Sends the messages of a run, in the order of their numbers. Resolves when every send has ended. */
export async function publish(
  publisher: App,
  channel: WorkChannel['channel'],
  { ledger, pace, load }: { readonly ledger: Books; readonly pace: Pace; readonly load: Load },
): Promise<void> {
  const { volume, keys, lines, restMs, copies } = load;
  const producer = publisher.producer(channel);
  let next = 0;
  const send = async (sample: Sample): Promise<void> => {
    ledger.attempt(sample);
    try {
      await producer.send(Work, sample, { id: sample.id });
      ledger.acknowledge(sample.id);
    } catch (error) {
      // its outcome is in the books: not acknowledged, and perhaps recovered; anything but the broker's failure is ours
      if (!isMessagingError(error)) throw error;
      ledger.reject(error.code);
    }
  };
  const line = async (_: unknown, nth: number): Promise<void> => {
    await wait((restMs * nth) / lines); // they take turns
    while (next < volume) {
      if (!pace.free(next)) {
        await pace.changed();
        continue;
      }
      const sample = sampleOf(next++, keys);
      pace.begin();
      await Promise.all(Array.from({ length: copies }, () => send(sample))).finally(() => pace.end());
      if (restMs > 0) await wait(restMs);
    }
  };
  await Promise.all(Array.from({ length: lines }, line));
}
