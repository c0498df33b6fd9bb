import type { Clock } from './clock.js';
import type { MessagingError } from './errors.js';
import type { Delivery } from './message.js';

/** `receive` comes back empty after this long, so that a pump never waits on a dead end for ever. */
export const RECEIVE_WAIT_MS = 20_000;

const EMPTY: readonly Delivery[] = Object.freeze([]);

/**
 * Turns a broker's push into the engine's pull: deliveries wait here until `take` asks for them. Its size is bounded by
 * what the broker may push, that is by the prefetch or credit that the adapter gives.
 */
export interface Inbox {
  readonly size: number;
  push(delivery: Delivery): void;
  /** Up to `max` deliveries; waits for the first one. Empty after 20 s or when the signal aborts. One call at a time. */
  take(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** What nobody took yet, in order of arrival; the inbox is empty afterwards. */
  drain(): readonly Delivery[];
  /** The link is lost: what waits here is forgotten (the broker gives it again), this and every later `take` rejects. */
  fail(error: MessagingError): void;
}

/** Makes an empty inbox. */
export function inbox(clock: Clock): Inbox {
  let waiting: Delivery[] = [];
  let failure: MessagingError | undefined;
  let wake: (() => void) | undefined;
  const cut = (max: number): readonly Delivery[] => {
    if (waiting.length <= max) {
      const all = waiting;
      waiting = [];
      return all;
    }
    return waiting.splice(0, max);
  };
  return {
    get size() {
      return waiting.length;
    },
    push(delivery) {
      waiting.push(delivery);
      wake?.();
    },
    take(max, signal) {
      if (failure !== undefined) return Promise.reject(failure);
      if (waiting.length > 0) return Promise.resolve(cut(max));
      if (signal.aborted) return Promise.resolve(EMPTY);
      return new Promise((resolve, reject) => {
        const finish = (): void => {
          wake = undefined;
          timer.cancel();
          signal.removeEventListener('abort', finish);
          if (failure !== undefined) reject(failure);
          else resolve(signal.aborted ? EMPTY : cut(max));
        };
        const timer = clock.timer(RECEIVE_WAIT_MS, finish);
        signal.addEventListener('abort', finish, { once: true });
        // one turn later, so that all that one socket read brought is taken at once
        wake = (): void => {
          wake = undefined;
          queueMicrotask(finish);
        };
      });
    },
    drain: () => cut(Number.POSITIVE_INFINITY),
    fail(error) {
      failure ??= error;
      waiting = [];
      wake?.();
    },
  };
}
