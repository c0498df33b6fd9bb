import type { Clock } from '../transport/clock.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import { RELEASE } from '../transport/verdict.js';
import { FIRST_PAUSE_MS } from './pause.js';
import { chunks, forPart } from './wrap.js';

/** Keeps the locks of what is held for long. */
export interface Renewal {
  /** When `run` is to be called for these, on the monotonic clock; Infinity = not for them. */
  due(held: readonly Delivery[]): number;
  /**
   * Renews the locks that are due; the result is what is no longer ours afterwards. To be called when `due` says so, which it
   * does not while one runs, nor within a second of its end.
   */
  run(held: readonly Delivery[]): Promise<ReadonlySet<Delivery>>;
}

export interface RenewalOptions {
  readonly clock: Clock;
  /** Ms that a lock is extended by; it is due when half of it is left. */
  readonly lockMs: number;
  readonly settleBatch: number;
}

/** Extends where the receiver can; where its locks cannot be renewed, gives the delivery back so that it comes again. */
export function renewal(receiver: Receiver, { clock, lockMs, settleBatch }: RenewalOptions): Renewal {
  let notBefore = Number.NEGATIVE_INFINITY; // no hot loop where an extension fails or is too short
  const dueAt = (delivery: Delivery): number => delivery.lockedUntil - lockMs / 2;
  return {
    due: (held) =>
      Math.max(
        notBefore,
        held.reduce((least, delivery) => Math.min(least, dueAt(delivery)), Number.POSITIVE_INFINITY),
      ),
    async run(held) {
      const now = clock.monotonic();
      const ending = held.filter((delivery) => dueAt(delivery) <= now);
      notBefore = Number.POSITIVE_INFINITY;
      const gone = new Set<Delivery>();
      for (const part of chunks(ending, settleBatch)) {
        const failures = await forPart([...part.keys()], () => receiver.extend?.(part, lockMs) ?? receiver.settle(part, RELEASE));
        const failed = new Map(failures.map(({ index, error }) => [index, error.code]));
        for (const [index, delivery] of part.entries())
          if ((failed.get(index) ?? (receiver.extend === undefined && 'LOST')) === 'LOST') gone.add(delivery);
      }
      notBefore = clock.monotonic() + FIRST_PAUSE_MS;
      return gone;
    },
  };
}
