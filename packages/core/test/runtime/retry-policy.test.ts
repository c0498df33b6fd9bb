import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, extremes, NonRetryable, nextDelayMs, type RetryPolicy } from '../../src/runtime/retry-policy.js';
import { isMessagingError } from '../../src/transport/errors.js';

const boom = new Error('boom');
const policies = fc
  .record({
    attempts: fc.integer({ min: 1, max: 50 }),
    firstMs: fc.integer({ min: 0, max: 60_000 }),
    over: fc.integer({ min: 0, max: 600_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    jitter: fc.constantFrom('full' as const, 'none' as const),
  })
  .map(({ over, ...rest }) => exponential({ ...rest, maxMs: rest.firstMs + over }));
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The delays between the attempts of a message that never succeeds. */
function delays(policy: RetryPolicy, error: unknown = boom, draw: () => number = Math.random): readonly number[] {
  const all: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const delay = nextDelayMs(policy, attempt, error, draw);
    if (typeof delay !== 'number') return all;
    all.push(delay);
  }
}

describe('exponential()', () => {
  it('gives 5 attempts, 1 s doubling to at most 30 s, full jitter', () => {
    expect(exponential()).toEqual({ attempts: 5, firstMs: 1_000, maxMs: 30_000, factor: 2, jitter: 'full', rules: [] });
  });

  it('gives a frozen policy', () => {
    expect(Object.isFrozen(exponential())).toBe(true);
  });

  it.each([
    ['attempts', { attempts: 0 }],
    ['attempts', { attempts: 2.5 }],
    ['attempts', { attempts: Number.NaN }],
    ['firstMs', { firstMs: -1 }],
    ['firstMs', { firstMs: Number.NaN }],
    ['maxMs', { firstMs: 10, maxMs: 9 }],
    ['maxMs', { maxMs: Number.NaN }],
    ['factor', { factor: 0.5 }],
    ['factor', { factor: Number.NaN }],
    ['factor', { factor: Number.POSITIVE_INFINITY }],
    ['maxMs', { maxMs: Number.POSITIVE_INFINITY }],
    ['jitter', { jitter: 'half' as 'full' }],
    [
      'rules[1].use: attempts',
      {
        rules: [
          { error: Error, use: 'reject' as const },
          { error: Error, use: { attempts: 0 } },
        ],
      },
    ],
    ['rules[0].use: firstMs', { rules: [{ error: Error, use: { firstMs: 60_000 } }] }],
    ['rules[0].use: factor', { rules: [{ error: Error, use: { factor: Number.NaN } }] }],
  ])('refuses nonsense and names %s: %o', (name, options) => {
    let thrown: unknown;
    try {
      exponential(options);
    } catch (error) {
      thrown = error;
    }
    expect(isMessagingError(thrown, 'CONFIG')).toBe(true);
    expect((thrown as Error).message).toContain(name);
  });
});

describe('a policy', () => {
  it('allows exactly its attempts', () => {
    fc.assert(fc.property(policies, (policy) => delays(policy).length === policy.attempts - 1));
  });

  it('never waits longer than maxMs, nor less than nothing', () => {
    fc.assert(
      fc.property(policies, random, (policy, draw) =>
        delays(policy, boom, () => draw).every((delay) => delay >= 0 && delay <= policy.maxMs),
      ),
    );
  });

  it('never waits shorter after a later attempt, where nothing is random', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const all = delays({ ...policy, jitter: 'none' });
        return all.every((delay, index) => index === 0 || delay >= (all[index - 1] as number));
      }),
    );
  });

  it('waits firstMs first and factor times as long each time, up to maxMs', () => {
    expect(delays(exponential({ attempts: 6, firstMs: 100, factor: 3, maxMs: 2_000, jitter: 'none' }))).toEqual([
      100, 300, 900, 2_000, 2_000,
    ]);
  });

  it('that does not wait at all never does, however many attempts there were', () => {
    const policy = exponential({ attempts: 5_000, firstMs: 0, factor: 10, jitter: 'none' });
    expect(nextDelayMs(policy, 4_000, boom)).toBe(0);
  });

  it('says why there is no further attempt', () => {
    const policy = exponential({ attempts: 2, rules: [{ error: TypeError, use: { attempts: 9 } }] });
    expect(nextDelayMs(policy, 2, boom)).toBe('attempts');
    expect(nextDelayMs(policy, 2, new NonRetryable('never'))).toBe('non-retryable');
    expect(nextDelayMs(policy, 8, new TypeError('wrong'))).not.toBe('attempts');
    expect(nextDelayMs(policy, 9, new TypeError('wrong'))).toBe('attempts');
  });

  it('takes a random part of the delay, in whole milliseconds', () => {
    const policy = exponential({ attempts: 2, firstMs: 1_001, maxMs: 5_000 });
    expect([0, 0.5, 0.999_999].map((draw) => delays(policy, boom, () => draw))).toEqual([[0], [501], [1_001]]);
  });
});

describe('a rule', () => {
  class Declined extends Error {}
  class LostCard extends Declined {}

  it('of reject means no second attempt', () => {
    expect(delays(exponential({ rules: [{ error: Declined, use: 'reject' }] }), new LostCard())).toEqual([]);
  });

  it('counts for its errors only', () => {
    expect(delays(exponential({ attempts: 3, rules: [{ error: Declined, use: 'reject' }] }))).toHaveLength(2);
  });

  it('may be a predicate, of whatever was thrown', () => {
    const policy = exponential({ rules: [{ error: (error) => error === 'text', use: 'reject' }] });
    expect(delays(policy, 'text')).toEqual([]);
    expect(delays(policy, 'other')).toHaveLength(4);
  });

  it('of values replaces those of the policy and leaves the others', () => {
    const policy = exponential({
      firstMs: 10,
      jitter: 'none',
      rules: [{ error: Error, use: { attempts: 3, factor: 5 } }],
    });
    expect(delays(policy)).toEqual([10, 50]);
  });

  it('whose predicate throws does not match', () => {
    const sloppy = (error: unknown): boolean => (error as { response: { status: number } }).response.status === 400;
    expect(delays(exponential({ attempts: 2, rules: [{ error: sloppy, use: 'reject' }] }))).toHaveLength(1);
  });

  it('counts in what the broker has to be able to do', () => {
    const policy = exponential({ attempts: 2, maxMs: 5_000, rules: [{ error: Error, use: { attempts: 9, maxMs: 60_000 } }] });
    expect(extremes(policy)).toEqual({ attempts: 9, maxMs: 60_000 });
  });

  it('that stands first wins', () => {
    const rules = [
      { error: LostCard, use: { attempts: 2 } },
      { error: Declined, use: 'reject' },
    ] as const;
    expect(delays(exponential({ rules }), new LostCard())).toHaveLength(1);
    expect(delays(exponential({ rules }), new Declined())).toHaveLength(0);
  });
});

describe('NonRetryable', () => {
  it('means no second attempt, whatever the rules say', () => {
    expect(delays(exponential({ rules: [{ error: Error, use: { attempts: 9 } }] }), new NonRetryable('never'))).toEqual([]);
  });

  it('is known by its name, so that one of another copy of this package counts', () => {
    expect(delays(exponential(), Object.assign(new Error('never'), { name: 'NonRetryable' }))).toEqual([]);
  });
});
