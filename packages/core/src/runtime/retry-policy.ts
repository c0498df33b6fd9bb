import { MessagingError } from '../transport/errors.js';

/** A rule for errors of one kind; the first that matches decides. */
export interface RetryRule {
  /** A class, or a predicate. */
  readonly error: (abstract new (...args: never) => Error) | ((error: unknown) => boolean);
  /** `reject`: dead-letter at once. Otherwise: these values instead of the policy's. */
  readonly use: 'reject' | Partial<Omit<RetryPolicy, 'rules'>>;
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

/**
 * A growing delay. Defaults: 5 attempts, 1 s, doubling, at most 30 s, full jitter.
 * @throws MessagingError CONFIG for values that cannot be meant, those of the rules included.
 */
export function exponential(options: Partial<RetryPolicy> = {}): RetryPolicy {
  const policy: RetryPolicy = { attempts: 5, firstMs: 1_000, maxMs: 30_000, factor: 2, jitter: 'full', rules: [], ...options };
  check(policy, 'retry');
  policy.rules.forEach((rule, index) => check(under(policy, rule), `retry: rules[${index}].use`));
  return Object.freeze(policy);
}

function check({ attempts, firstMs, maxMs, factor, jitter }: RetryPolicy, where: string): void {
  const refuse = (what: string): never => {
    throw new MessagingError('CONFIG', `${where}: ${what}`);
  };
  if (!Number.isInteger(attempts) || attempts < 1) refuse(`attempts is ${attempts}; it must be a whole number, 1 or more`);
  if (!(firstMs >= 0) || !(maxMs >= firstMs) || maxMs === Number.POSITIVE_INFINITY)
    refuse(`firstMs ${firstMs} and maxMs ${maxMs}: 0 <= firstMs <= maxMs < Infinity is needed`);
  if (!(factor >= 1) || factor === Number.POSITIVE_INFINITY) refuse(`factor is ${factor}; it must be a number, 1 or more`);
  if (jitter !== 'full' && jitter !== 'none') refuse(`jitter is "${String(jitter)}"; it must be "full" or "none"`);
}

const under = (policy: RetryPolicy, { use }: RetryRule): RetryPolicy => (use === 'reject' ? policy : { ...policy, ...use });

/** The most attempts and the longest delay that a policy may come to, its rules included: what a broker has to be able to do. */
export function extremes(policy: RetryPolicy): { readonly attempts: number; readonly maxMs: number } {
  const all = [policy, ...policy.rules.map((rule) => under(policy, rule))];
  return { attempts: Math.max(...all.map(({ attempts }) => attempts)), maxMs: Math.max(...all.map(({ maxMs }) => maxMs)) };
}

/** Thrown by a handler: no retry helps, dead-letter it now. The dead letter says `non-retryable`, with the message as its error. */
export class NonRetryable extends Error {
  override readonly name: string = 'NonRetryable';
}

/** What a policy says about a failure: the delay before the next attempt, or why there is none. */
export function nextDelayMs(
  policy: RetryPolicy,
  attempt: number,
  error: unknown,
  random: () => number = Math.random,
): number | 'attempts' | 'non-retryable' {
  if (error instanceof Error && error.name === 'NonRetryable') return 'non-retryable';
  const rule = policy.rules.length === 0 ? undefined : policy.rules.find((each) => matches(each, error));
  if (rule?.use === 'reject') return 'non-retryable';
  const { attempts, firstMs, maxMs, factor, jitter } = rule === undefined ? policy : under(policy, rule);
  if (attempt >= attempts) return 'attempts';
  const delay = firstMs === 0 ? 0 : Math.min(maxMs, firstMs * factor ** (attempt - 1)); // 0 * Infinity is not a number
  return jitter === 'full' ? Math.round(delay * random()) : delay;
}

/** A predicate that throws says nothing of the error: the next rule is asked. */
function matches(rule: RetryRule, error: unknown): boolean {
  const test = rule.error as { prototype?: unknown };
  if (test.prototype instanceof Error || test === Error) return error instanceof (rule.error as new () => Error);
  try {
    return (rule.error as (error: unknown) => boolean)(error);
  } catch {
    return false;
  }
}
