import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import { hopeless, type Unclaimed } from './claim-errors.js';
import type { OutcomeValue } from './outcome.js';
import type { RetryPolicy } from './retry-policy.js';
import { nextDelayMs } from './retry-policy.js';

/** What a failed attempt leads to. */
export type Consequence = { readonly retryInMs: number } | { readonly reason: string; readonly error: string | undefined };

/** Longest text of an error that a dead letter carries, in characters. */
const LONGEST_ERROR = 1_000;
const cut = (text: string): string => (text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR)}…` : text);
const told = (error: unknown): string => cut(error instanceof Error ? `${error.name}: ${textOf(error)}` : textOf(error));

/** What follows from an error that a handler threw. */
export function afterError(policy: RetryPolicy, attempt: number, error: unknown): Consequence {
  const next = nextDelayMs(policy, attempt, error);
  return typeof next === 'number' ? { retryInMs: next } : { reason: next, error: told(error) };
}

/** What follows from `retry()` or `reject()`. */
export function afterOutcome(policy: RetryPolicy, attempt: number, outcome: OutcomeValue, handler: string): Consequence {
  if (outcome.type === 'reject') return { reason: cut(outcome.reason ?? 'rejected'), error: undefined };
  const asked = outcome.delayMs;
  if (asked === undefined) return afterError(policy, attempt, new MessagingError('REMOTE', `${handler} asked for a retry`));
  if (!(asked >= 0 && asked <= policy.maxMs)) {
    return afterError(
      policy,
      attempt,
      new MessagingError(
        'INVALID',
        `${handler} returned retry(${asked}), and its policy allows 0 to ${policy.maxMs} ms: raise the policy's maxMs`,
      ),
    );
  }
  return attempt >= policy.attempts ? { reason: 'attempts', error: `${handler} asked for a retry` } : { retryInMs: asked };
}

/** What follows from a body that could not be fetched: a retry, unless none can help. */
export function afterUnclaimed(policy: RetryPolicy, attempt: number, error: Unclaimed): Consequence {
  const reason = hopeless(error);
  if (reason !== undefined) return { reason, error: cut(error.message) };
  const next = afterError(policy, attempt, error.cause);
  return 'reason' in next && error.cause.code === 'DENIED' ? { ...next, reason: 'claim-denied' } : next;
}

/** What follows from a payload that could not be read: never a retry. `pointsAway`: the body is a claim check's pointer. */
export function afterUnreadable(error: unknown, pointsAway = false): Consequence {
  const text = isMessagingError(error) ? cut(error.message) : told(error);
  return { reason: 'invalid', error: pointsAway ? `${POINTER} ${text}` : text };
}

const POINTER = 'The body is a pointer to where it is kept, and this app has no claimCheck that follows it on this transport.';
