import type { Clock } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import { pause, pauseMs } from './pause.js';
import { errorFrom, isLost, lost } from './wrap.js';

/** Told when the first of something is stuck, with why, and with undefined when nothing is any more: health follows it. */
export type OnStuck = (error: MessagingError | undefined) => void;

/** Counts what is stuck. */
export interface Trouble {
  enter(error: MessagingError): void;
  leave(): void;
}

/** Makes a count that tells `onStuck` when it leaves 0 and when it is back at 0. */
export function trouble(onStuck: OnStuck): Trouble {
  let stuck = 0;
  return {
    enter(error) {
      if (stuck++ === 0) onStuck(error);
    },
    leave() {
      if (--stuck === 0) onStuck(undefined);
    },
  };
}

export interface InsistOptions {
  readonly clock: Clock;
  /** Aborts when the receiver closes. */
  readonly closing: AbortSignal;
  readonly trouble: Trouble;
  /** Turns what an attempt threw into what people should read. */
  readonly explain: (error: MessagingError) => MessagingError;
}

/**
 * Repeats `attempt` on behalf of an unsettled delivery until it succeeds (undefined) or the delivery cannot be settled any
 * more (LOST): its lease is gone, its lock has run out, or the receiver closes. Pauses of 1 s doubling to 30 s lie between.
 */
export async function insist(
  delivery: Delivery,
  attempt: () => Promise<void>,
  { clock, closing, trouble, explain }: InsistOptions,
): Promise<MessagingError | undefined> {
  let failures = 0;
  try {
    while (!closing.aborted && !isLost(delivery, clock)) {
      try {
        await attempt();
        return undefined;
      } catch (thrown) {
        if (closing.aborted) break;
        if (failures++ === 0) trouble.enter(explain(errorFrom(thrown)));
      }
      await pause(clock, pauseMs(failures), [closing, delivery.lease]);
    }
    return lost('the receiver closed, or the delivery was lost, before its copy was confirmed');
  } finally {
    if (failures > 0) trouble.leave();
  }
}
