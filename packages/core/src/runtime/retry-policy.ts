import { MessagingError } from '../transport/errors.js';

/** A rule for errors of one kind; the first that matches decides. */
export interface RetryRule {
  /** A class, or a predicate. */
  readonly error: (abstract new (...args: never) => Error) | ((error: unknown) => boolean);
  /** `reject`: dead-letter at once. Otherwise: these values instead of the policy's. */
  readonly then: 'reject' | Partial<Omit<RetryPolicy, 'rules'>>;
}

/** When a failed message is tried again, and how often. The same on every broker. */
export interface RetryPolicy {
  /** Runs in all, the first included; 1 = never again. */
  readonly attempts: number;
  /** Delay after the first failure, in ms. */
  readonly firstMs: number;
  /** Longest delay, in ms; also the most that a handler may ask for by `retry(ms)`. */
  readonly maxMs: number;
  /** Each delay is this many times the one before. */
  readonly factor: number;
  /** `full`: a random part of the delay, so that what failed together does not come back together. */
  readonly jitter: 'full' | 'none';
  readonly rules: readonly RetryRule[];
}

/** A growing delay. Defaults: 5 attempts, 1 s, doubling, at most 30 s, full jitter. */
export function exponential(options: Partial<RetryPolicy> = {}): RetryPolicy {
  const policy: RetryPolicy = { attempts: 5, firstMs: 1_000, maxMs: 30_000, factor: 2, jitter: 'full', rules: [], ...options };
  if (!Number.isInteger(policy.attempts) || policy.attempts < 1)
    throw new MessagingError('CONFIG', `retry: attempts is ${policy.attempts}; it must be a whole number, 1 or more`);
  if (!(policy.firstMs >= 0) || !(policy.maxMs >= policy.firstMs))
    throw new MessagingError(
      'CONFIG',
      `retry: firstMs ${policy.firstMs} and maxMs ${policy.maxMs}: 0 <= firstMs <= maxMs is needed`,
    );
  if (!(policy.factor >= 1)) throw new MessagingError('CONFIG', `retry: factor is ${policy.factor}; it must be 1 or more`);
  return Object.freeze(policy);
}

/** Thrown by a handler: trying again is useless, dead-letter it now. Its message becomes the reason. */
export class NonRetryable extends Error {
  override readonly name: string = 'NonRetryable';
}

/** What a policy says about a failure: the delay before the next attempt, or undefined = dead-letter. */
export function nextDelayMs(
  policy: RetryPolicy,
  attempt: number,
  error: unknown,
  random: () => number = Math.random,
): number | undefined {
  if (error instanceof Error && error.name === 'NonRetryable') return undefined;
  const rule = policy.rules.length === 0 ? undefined : policy.rules.find((each) => matches(each, error));
  if (rule?.then === 'reject') return undefined;
  const by = rule === undefined ? policy : { ...policy, ...rule.then };
  if (attempt >= by.attempts) return undefined;
  const delay = Math.min(by.maxMs, by.firstMs * by.factor ** (attempt - 1));
  return by.jitter === 'full' ? Math.round(delay * random()) : delay;
}

function matches(rule: RetryRule, error: unknown): boolean {
  const test = rule.error as { prototype?: unknown };
  if (test.prototype instanceof Error || test === Error) return error instanceof (rule.error as new () => Error);
  return (rule.error as (error: unknown) => boolean)(error);
}
