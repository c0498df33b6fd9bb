import { MessagingError, type SendOutcome, textOf } from '../transport/errors.js';

/** The ways in which a send ends without the broker's confirm; each names the channel, none the payload. */
export interface Refusals {
  closed(): MessagingError;
  tooLarge(size: number, limit: number): MessagingError;
  aborted(reason: unknown, outcome: SendOutcome): MessagingError;
  /** Its time is up. */
  late(why: string, outcome: SendOutcome): MessagingError;
  /** The application stops. */
  drained(why: string, outcome: SendOutcome): MessagingError;
  /** The broker refused this try; where an earlier one has no answer it may have the message all the same. */
  byBroker(error: MessagingError, unknown: boolean): MessagingError;
  /** A call that never ends. */
  mute(ms: number): MessagingError;
}

export function refusals({ what, sendTimeoutMs }: { readonly what: string; readonly sendTimeoutMs: number }): Refusals {
  return {
    closed: () => new MessagingError('CLOSED', `send to ${what}: the application is stopping or has stopped`),
    tooLarge: (size, limit) =>
      new MessagingError(
        'TOO_LARGE',
        `send to ${what}: the message takes ${size} bytes with its headers, at most ${limit} fit. Send less, or let large bodies go to a store: createApp({ claimCheck })`,
      ),
    aborted: (reason, outcome) =>
      new MessagingError('TIMEOUT', `send to ${what} was given up by its caller: ${textOf(reason)}`, {
        cause: reason,
        outcome,
        retryable: false,
      }),
    late: (why, outcome) =>
      new MessagingError('TIMEOUT', `send to ${what} did not succeed within ${sendTimeoutMs} ms: ${why}`, { outcome }),
    drained: (why, outcome) =>
      new MessagingError('TIMEOUT', `send to ${what} was given up because the application stops: ${why}`, { outcome }),
    byBroker(error, unknown) {
      if (!unknown || error.outcome === 'unknown') return error;
      const text = `${error.message} (an earlier try was not answered: the broker may have the message)`;
      return new MessagingError(error.code, text, { cause: error, retryable: error.retryable, outcome: 'unknown' });
    },
    mute: (ms) =>
      new MessagingError('CONNECTION', `${what} has not answered a send for ${Math.round(ms)} ms`, { outcome: 'unknown' }),
  };
}
