import type { Delivery } from '@omnibus/core/transport';
import { LONGEST_HOLD_MS } from './capabilities.js';
import type { SqsMessage } from './client.js';
import { toDelivery } from './wire.js';

/** A message that was received and is not settled. It is the `receipt` of its delivery. */
export interface Held {
  readonly handle: string;
  /** Of a FIFO queue. */
  readonly group: string | undefined;
  readonly delivery: Delivery;
  /** On the monotonic clock: SQS hides it no longer, however often it is renewed. */
  readonly until: number;
  state: 'held' | 'settling' | 'settled' | 'lost';
  /** The renewal that is under way: what hides the message otherwise has to come after it. */
  renewal: Promise<unknown> | undefined;
}

/** What one receiver holds, in the order received. */
export interface Holding {
  take(raw: SqsMessage, receivedAt: number, lockedUntil: number): Held;
  /** It is settled, or goes back. */
  drop(held: Held): void;
  /** SQS may have given it to another; on a FIFO queue nothing of its group may be handled here any more. */
  lose(held: Held): void;
  /** Forgets what nobody settled before its lock was over. */
  sweep(now: number): void;
  /** All that is held, the oldest first. */
  readonly all: readonly Held[];
}

/** Holds nothing yet. */
export function holding(isFifo: boolean): Holding {
  const all = new Set<Held>();
  const give = (held: Held): void => {
    held.state = 'lost';
    held.delivery.lockedUntil = Number.NEGATIVE_INFINITY; // so that the engine asks, and hears it
    all.delete(held);
  };
  const lose = (held: Held): void => {
    give(held);
    if (held.group === undefined) return;
    for (const other of [...all]) if (other.group === held.group && other.state === 'held') give(other);
  };
  return {
    get all() {
      return [...all];
    },
    take(raw, receivedAt, lockedUntil) {
      const held: { -readonly [K in keyof Held]: Held[K] } = {
        handle: raw.ReceiptHandle ?? '',
        group: isFifo ? raw.Attributes?.MessageGroupId : undefined,
        delivery: undefined as never,
        until: receivedAt + LONGEST_HOLD_MS,
        state: 'held',
        renewal: undefined,
      };
      held.delivery = toDelivery(raw, { lockedUntil, receipt: held, isFifo });
      all.add(held);
      return held;
    },
    sweep(now) {
      for (const held of [...all]) if (held.state === 'held' && held.delivery.lockedUntil <= now) lose(held);
    },
    drop(held) {
      held.state = 'settled';
      all.delete(held);
    },
    lose,
  };
}
