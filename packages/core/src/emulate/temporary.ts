import { createHash } from 'node:crypto';
import type { Delivery, Headers } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import { REPLY_TO_HEADER } from './header-names.js';
import { discard, wrapReceiver } from './wrap.js';

/** What a broker allows in the name of a queue. */
export interface NameRule {
  readonly maxLength: number;
  /** Matches one character that may not stand in a name; with the flag `g`. */
  readonly forbidden: RegExp;
}

/**
 * The name of an instance's own reply queue: `<service>.replies.<instance>`. What the rule forbids becomes `-`; a name that
 * was changed, or is too long and cut, ends in 16 hex digits of its SHA-256, so that no two instances share one.
 */
export function replyQueueName(service: string, instance: string, { maxLength, forbidden }: NameRule): string {
  const wanted = `${service}.replies.${instance}`;
  const name = wanted.replace(forbidden, '-');
  if (name === wanted && name.length <= maxLength) return name;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return `${name.slice(0, maxLength - digest.length - 1)}-${digest}`;
}

/** Headers of a request whose reply comes on a channel that all instances read: they name the instance that waits. */
export const requestHeaders = (instance: string): Headers => ({ [REPLY_TO_HEADER]: instance });

/** Headers that a reply takes over from its request. */
export function replyHeaders(request: Headers): Headers {
  const instance = request[REPLY_TO_HEADER];
  return instance === undefined ? {} : requestHeaders(instance);
}

/**
 * Replies on a channel that every instance reads from `next`, where the broker cannot make a queue for each: hands out those
 * meant for this instance and acks the others.
 *
 * Caveat: a reply that comes while its instance is not connected is not seen by it; its request times out.
 * Cost: every instance receives every reply. Bound: none of its own.
 */
export function ownReplies(inner: Receiver, instance: string, settleBatch: number): Receiver {
  const own = ({ headers }: Delivery): boolean => headers[REPLY_TO_HEADER] === instance;
  return wrapReceiver(inner, {
    async receive(max, signal) {
      const batch = await inner.receive(max, signal);
      const others = batch.filter((delivery) => !own(delivery));
      if (others.length === 0) return batch;
      await discard(inner, others, settleBatch);
      return batch.filter(own);
    },
  });
}
