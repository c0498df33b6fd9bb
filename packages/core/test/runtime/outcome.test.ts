import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { isOutcome, reject, retry } from '../../src/runtime/outcome.js';

it('retry() leaves the delay to the policy', () => {
  expect(retry()).toMatchObject({ type: 'retry', delayMs: undefined });
});

it('retry(ms) and reject(reason) keep what they were given', () => {
  expect(retry(5_000)).toMatchObject({ type: 'retry', delayMs: 5_000 });
  expect(reject('too heavy')).toMatchObject({ type: 'reject', reason: 'too heavy' });
});

it('an outcome is frozen', () => {
  expect([retry(), reject('why')].map((each) => Object.isFrozen(each))).toEqual([true, true]);
});

it('nothing else is an outcome, however much it looks like one', () => {
  const lookalike = fc.oneof(
    fc.anything(),
    fc.record({ type: fc.constantFrom('retry', 'reject'), delayMs: fc.nat(), reason: fc.string() }),
  );
  fc.assert(fc.property(lookalike, (value) => !isOutcome(value)));
});

it('an outcome of another copy of this package is one', async () => {
  vi.resetModules();
  const other = await import('../../src/runtime/outcome.js');
  expect(other.retry).not.toBe(retry);
  expect(isOutcome(other.retry(1))).toBe(true);
  expect(isOutcome(other.reject('why'))).toBe(true);
});
