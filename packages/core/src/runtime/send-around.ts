import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import type { Message } from '../transport/message.js';
import type { Failures, Sender } from '../transport/transport.js';

/**
 * One call of a sender with the `send` hooks around it. Once the broker was asked its answer counts, whatever a hook does after;
 * a hook that fails before, or never goes on, fails the messages: a MessagingError as it is, anything else as INVALID.
 */
export async function sendAround(
  around: (count: number, next: () => Promise<void>) => Promise<void>,
  sender: Sender,
  batch: readonly Message[],
  what: string,
): Promise<Failures> {
  let sent: Promise<Failures> | undefined;
  const next = async (): Promise<void> => {
    sent ??= sender.send(batch);
    await sent;
  };
  try {
    await around(batch.length, next);
  } catch (error) {
    if (sent !== undefined) return sent;
    throw isMessagingError(error)
      ? error
      : new MessagingError('INVALID', `a hook around send to ${what} failed: ${textOf(error)}`, { cause: error });
  }
  if (sent === undefined)
    throw new MessagingError('INVALID', `a hook around send to ${what} did not call next(), so nothing was sent`);
  return sent;
}
