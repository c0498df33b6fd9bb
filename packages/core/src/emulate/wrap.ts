import type { Clock } from '../transport/clock.js';
import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import { type Failures, NONE, type Receiver } from '../transport/transport.js';

/** `inner` with some of its calls replaced; `extend` is present exactly where `inner` has it. */
export function wrapReceiver(inner: Receiver, calls: Partial<Omit<Receiver, 'extend'>>): Receiver {
  const extend = inner.extend?.bind(inner);
  return {
    receive: calls.receive ?? ((max, signal) => inner.receive(max, signal)),
    settle: calls.settle ?? ((batch, verdict) => inner.settle(batch, verdict)),
    ...(extend === undefined ? {} : { extend }),
    close: calls.close ?? (() => inner.close()),
  };
}

/** Anything that was thrown, as a MessagingError; what was none is a fault of the code that threw it and not worth a retry. */
export function errorFrom(thrown: unknown): MessagingError {
  return isMessagingError(thrown) ? thrown : new MessagingError('INVALID', `unexpected: ${textOf(thrown)}`, { cause: thrown });
}

/** Makes a call for a part of a batch: failures come back by their index in the whole, and a throw fails the part. */
export async function forPart(indices: readonly number[], call: () => Promise<Failures>): Promise<Failures> {
  try {
    const failures = await call();
    return failures.length === 0 ? NONE : failures.map(({ index, error }) => ({ index: indices[index] as number, error }));
  } catch (thrown) {
    const error = errorFrom(thrown);
    return indices.map((index) => ({ index, error }));
  }
}

/** True once the broker may have given the delivery to another: its lease is gone or its lock has run out. */
export function isLost(delivery: Delivery, clock: Clock): boolean {
  return delivery.lease?.aborted === true || delivery.lockedUntil <= clock.monotonic();
}

/** The error of a settle that came too late. */
export function lost(why: string): MessagingError {
  return new MessagingError('LOST', `${why}; nothing was settled and the broker gives the message again`);
}
