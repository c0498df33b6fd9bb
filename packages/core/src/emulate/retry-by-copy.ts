import { setMaxListeners } from 'node:events';
import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import type { Delivery, Message } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import { copyOf, copyThenAck, type Publish } from './copy-then-ack.js';
import { ATTEMPTS_HEADER, FIRST_HEADER, numberIn } from './header-names.js';
import { errorFrom, isLost, lost, wrapReceiver } from './wrap.js';

export interface RetryByCopyOptions {
  /** Publishes to where the group gets its retries from. */
  readonly publish: Publish;
  readonly clock: Clock;
  /** The longest delay that is ever asked for, before it is rounded up. */
  readonly maxDelayMs: number;
  /** Delays are rounded up to a multiple of it; 0 or 1 = exact. */
  readonly stepMs: number;
}

const tooLate = (): MessagingError => lost('the receiver closed, or the delivery was lost, before its copy was confirmed');

/**
 * Retries by a confirmed copy and an ack of the original. The copy is the same message with the delay, `omnibus-attempts`
 * (the number of the attempt that it begins) and `omnibus-first` (when it first failed); what expires keeps its time.
 *
 * When the copy cannot be sent, whatever the reason, its entry fails as retryable and stays unsettled. Settled again, which
 * is to be done after a pause, the copy is sent again; where it was confirmed and the ack failed, only the ack is. Releasing
 * instead is safe as well.
 *
 * Caveat: the copy goes behind everything else: unordered channels only. A duplicate is possible, a loss is not.
 * Cost: one publish a retry; nothing for other verdicts.
 * Bound: the engine's window.
 * Errors: INVALID for the whole batch when the delay is over `maxDelayMs`, both rounded up; LOST per entry.
 */
export function retryByCopy(inner: Receiver, { publish, clock, maxDelayMs, stepMs }: RetryByCopyOptions): Receiver {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one a copy that is on its way: bounded by the window
  const settleByCopy = copyThenAck(inner);
  const step = Math.max(stepMs, 1);
  const roundUp = (ms: number): number => Math.ceil(ms / step) * step;

  const copyFor = (delivery: Delivery, delayMs: number, attempts: number | undefined): Message => {
    const attempt = attempts ?? numberIn(delivery.headers, ATTEMPTS_HEADER) ?? 1;
    const first = numberIn(delivery.headers, FIRST_HEADER) ?? clock.now();
    return {
      ...copyOf(delivery, { ...delivery.headers, [ATTEMPTS_HEADER]: String(attempt + 1), [FIRST_HEADER]: String(first) }),
      delayMs,
    };
  };
  const send = async (delivery: Delivery, copy: Message): Promise<MessagingError | undefined> => {
    if (closing.signal.aborted || isLost(delivery, clock)) return tooLate();
    try {
      await publish(copy, closing.signal);
      return undefined;
    } catch (thrown) {
      if (closing.signal.aborted || isLost(delivery, clock)) return tooLate();
      const cause = errorFrom(thrown);
      const code = cause.code === 'CONNECTION' ? 'TIMEOUT' : cause.code; // CONNECTION would say that the receiver's link is gone
      return new MessagingError(
        code,
        `The copy that retries a message could not be sent: ${cause.message}. The message is still unsettled.`,
        { cause, retryable: true },
      );
    }
  };

  return wrapReceiver(inner, {
    async settle(batch, verdict) {
      if (verdict.type !== 'retry') return inner.settle(batch, verdict);
      const delayMs = roundUp(verdict.delayMs);
      if (delayMs > roundUp(maxDelayMs))
        throw new MessagingError(
          'INVALID',
          `A retry after ${delayMs} ms is over the ${maxDelayMs} ms that its channel can delay; lower the retry policy's maxMs`,
        );
      return settleByCopy(batch, (delivery) => send(delivery, copyFor(delivery, delayMs, verdict.attempts)));
    },
    close() {
      closing.abort();
      return inner.close();
    },
  });
}
