declare const outcome: unique symbol;

/** What a handler may return to say itself what becomes of the message. Made by `retry` or `reject`. */
export interface Outcome {
  readonly [outcome]: 'retry' | 'reject';
}

/** @internal The value behind an Outcome. Recognised by a registered symbol, so that two copies of this package agree. */
export interface OutcomeValue {
  readonly type: 'retry' | 'reject';
  readonly delayMs: number | undefined;
  readonly reason: string | undefined;
}

const OUTCOME = Symbol.for('omnibus:outcome');
const make = (value: OutcomeValue): Outcome => Object.freeze({ [OUTCOME]: true, ...value }) as never;

/**
 * Returned by a handler: this attempt failed, try again after `delayMs` (default: what the retry policy says). It counts as
 * an attempt; a delay over the policy's `maxMs` is an error of the handler, never clamped.
 */
export const retry = (delayMs?: number): Outcome => make({ type: 'retry', delayMs, reason: undefined });

/** Returned by a handler: hopeless, dead-letter it now with this reason (up to 1 KB; never put a payload in it). */
export const reject = (reason: string): Outcome => make({ type: 'reject', delayMs: undefined, reason });

/** @internal */
export const isOutcome = (value: unknown): value is OutcomeValue & Outcome =>
  typeof value === 'object' && value !== null && OUTCOME in value;
