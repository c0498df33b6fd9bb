import type { MessagingError } from '../transport/errors.js';
import type { Delivery, Message } from '../transport/message.js';
import { type Failures, NONE, type Receiver } from '../transport/transport.js';
import { ACK } from '../transport/verdict.js';
import { forPart } from './wrap.js';

/** Sends to one channel: resolves when its broker has the message, rejects when it gave up. */
export type Publish = (message: Message, signal?: AbortSignal) => Promise<void>;

/**
 * The message alone, without what belongs to this delivery of it. A copy is due at once and carries these headers. It keeps
 * `replyTo`, so that a request that is handled late can still be answered.
 */
export function copyOf(delivery: Message, headers: Message['headers']): Message {
  const { id, type, time, contentType, body, key, correlationId, replyTo, expiresAt, priority } = delivery;
  return { id, type, time, contentType, body, headers, key, correlationId, replyTo, delayMs: 0, expiresAt, priority };
}

/**
 * Settles by a copy: each delivery is acked once `copy` has resolved for it (undefined = the broker has the copy, else why
 * not: that entry fails and stays unsettled). Copies confirmed together are acked by one call. Settled again after a failed
 * ack, a delivery whose copy is confirmed is only acked.
 */
export type CopyThenAck = (
  batch: readonly Delivery[],
  copy: (delivery: Delivery) => Promise<MessagingError | undefined>,
) => Promise<Failures>;

/** Makes the CopyThenAck of one receiver. */
export function copyThenAck(inner: Receiver): CopyThenAck {
  const copies = new WeakMap<Delivery, Promise<MessagingError | undefined>>();
  return async (batch, copy) => {
    const failures: Failures[number][] = [];
    let confirmed: number[] = [];
    let acking: Promise<void> | undefined;
    const ack = async (): Promise<void> => {
      await Promise.resolve(); // every copy that the same reply confirmed comes along
      const indices = confirmed;
      confirmed = [];
      acking = undefined;
      const deliveries = indices.map((index) => batch[index] as Delivery);
      failures.push(...(await forPart(indices, () => inner.settle(deliveries, ACK))));
    };
    const settleOne = async (delivery: Delivery, index: number): Promise<void> => {
      const made = copies.get(delivery) ?? copy(delivery);
      copies.set(delivery, made);
      const error = await made;
      if (error === undefined) {
        confirmed.push(index);
        acking ??= ack();
        await acking;
      } else {
        copies.delete(delivery);
        failures.push({ index, error });
      }
    };
    await Promise.all(batch.map(settleOne));
    return failures.length === 0 ? NONE : failures;
  };
}
