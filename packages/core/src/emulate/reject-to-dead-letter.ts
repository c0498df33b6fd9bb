import { setMaxListeners } from 'node:events';
import { DEAD_HEADER, deadHeader } from '../codec/dead-letter-header.js';
import type { Channel } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import type { Delivery, Message } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Verdict } from '../transport/verdict.js';
import { copyOf, copyThenAck, type Publish } from './copy-then-ack.js';
import { ATTEMPTS_HEADER, FIRST_HEADER, numberIn, without } from './header-names.js';
import { insist, type OnStuck, trouble } from './insist.js';
import { wrapReceiver } from './wrap.js';

export interface RejectToDeadLetterOptions {
  /** Publishes to the dead-letter channel. */
  readonly publish: Publish;
  readonly deadLetter: Channel;
  /** Name of the channel, and group, that the messages come from. */
  readonly channel: string;
  readonly group: string | undefined;
  readonly clock: Clock;
  readonly onStuck: OnStuck;
}

/**
 * Rejects by a confirmed copy to the dead-letter channel and an ack of the original. The copy has the same id, body, headers,
 * key, time and addresses, plus `omnibus-dead` (see `DeadLetter`); it is due at once, never expires and has no priority. What
 * counted the attempts here is left out: whoever consumes dead letters begins at the first attempt.
 *
 * A copy that cannot be sent is tried again after 1 s, doubling to 30 s, whatever the error; `onStuck` hears of it. Meanwhile
 * the message stays unsettled: it is neither lost nor handled again, and its lock must be kept by whoever keeps locks.
 *
 * Caveat: when the ack fails after the copy, the message is delivered again: a duplicate is possible, a loss is not.
 * Cost: one publish a rejected message; nothing for other verdicts.
 * Bound: the engine's window; a window full of messages that cannot be rejected stops the pump.
 * Errors: LOST per entry once the lease or the lock is gone or the receiver closes.
 */
export function rejectToDeadLetter(
  inner: Receiver,
  { publish, deadLetter, channel, group, clock, onStuck }: RejectToDeadLetterOptions,
): Receiver {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one a copy that is on its way: bounded by the window
  const settleByCopy = copyThenAck(inner);
  const where = group === undefined ? channel : `${channel}/${group}`;
  const explain = (error: MessagingError): MessagingError =>
    new MessagingError(
      error.code,
      `Rejected messages of ${where} cannot be written to ${deadLetter.name}: ${error.message}. They stay on ${where} and are tried again.`,
      {
        cause: error,
        retryable: true,
      },
    );
  const persistence = { clock, closing: closing.signal, trouble: trouble(onStuck), explain };

  const deadLetterOf = (delivery: Delivery, { reason, error, attempts, first }: Verdict & { type: 'reject' }): Message => {
    const now = clock.now();
    const death = {
      reason,
      error,
      attempts: attempts ?? numberIn(delivery.headers, ATTEMPTS_HEADER) ?? 1,
      channel,
      group,
      first: new Date(Math.min(first ?? now, numberIn(delivery.headers, FIRST_HEADER) ?? now)).toISOString(), // in place, or as a copy
      last: new Date(now).toISOString(),
    };
    const headers = {
      ...without(delivery.headers, ATTEMPTS_HEADER, FIRST_HEADER),
      [DEAD_HEADER]: deadHeader(death, delivery.headers),
    };
    return { ...copyOf(delivery, headers), expiresAt: Number.POSITIVE_INFINITY, priority: 0 };
  };

  return wrapReceiver(inner, {
    async settle(batch, verdict) {
      if (verdict.type !== 'reject') return inner.settle(batch, verdict);
      return settleByCopy(batch, (delivery) => {
        const copy = deadLetterOf(delivery, verdict);
        return insist(delivery, () => publish(copy, closing.signal), persistence);
      });
    },
    close() {
      closing.abort();
      return inner.close();
    },
  });
}
