import type { Clock } from '../transport/clock.js';
import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import type { Delivery, Message } from '../transport/message.js';
import { type Failures, NONE, type Receiver, type Sender } from '../transport/transport.js';
import { ACK } from '../transport/verdict.js';

/** `inner` with some of its calls replaced; `extend`, `lag` and `seek` are present exactly where `inner` has them. */
export function wrapReceiver(inner: Receiver, calls: Partial<Omit<Receiver, 'extend' | 'lag'>>): Receiver {
  const extend = inner.extend?.bind(inner);
  const lag = inner.lag?.bind(inner);
  const seek = inner.seek === undefined ? undefined : (calls.seek ?? inner.seek.bind(inner));
  return {
    receive: calls.receive ?? ((max, signal) => inner.receive(max, signal)),
    settle: calls.settle ?? ((batch, verdict) => inner.settle(batch, verdict)),
    ...(extend === undefined ? {} : { extend }),
    ...(lag === undefined ? {} : { lag }),
    ...(seek === undefined ? {} : { seek }),
    close: calls.close ?? (() => inner.close()),
  };
}

/** `inner` sending what `map` makes of each message; one that `map` throws for fails alone. */
export function mapSender(inner: Sender, map: (message: Message) => Message): Sender {
  return {
    async send(batch) {
      const failures: Failures[number][] = [];
      const indices: number[] = [];
      const messages: Message[] = [];
      for (const [index, message] of batch.entries()) {
        try {
          messages.push(map(message));
          indices.push(index);
        } catch (thrown) {
          failures.push({ index, error: errorFrom(thrown) });
        }
      }
      if (failures.length === 0) return inner.send(messages);
      if (messages.length > 0) failures.push(...(await forPart(indices, () => inner.send(messages))));
      return failures;
    },
    close: () => inner.close(),
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

/** Acks what nobody is to handle. What fails is not ours to repeat: it comes again and is judged again. */
export async function discard(receiver: Receiver, deliveries: readonly Delivery[], settleBatch: number): Promise<void> {
  for (const part of chunks(deliveries, settleBatch)) await forPart([...part.keys()], () => receiver.settle(part, ACK));
}

/** The list in parts of at most `size`. */
export function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < list.length; start += size) parts.push(list.slice(start, start + size));
  return parts;
}
