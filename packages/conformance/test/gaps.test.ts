import { describe, expect, it } from 'vitest';
import { type Books, books } from '../src/faults/counts.js';
import { longestGapMs, longestStandstillMs } from '../src/faults/gaps.js';

const sample = (key: string, n: number) => ({ id: `${key}${n}`, key, n });

/** Messages of two keys: when each was at the broker, and when it was handled, told in any order. */
function told(...story: readonly (readonly [key: string, n: number, sentAt: number, handledAt: number])[]): Books {
  const ledger = books();
  for (const [key, n, sentAt] of story) ledger.acknowledge(sample(key, n).id, sentAt);
  for (const [key, n, , handledAt] of story) ledger.handle(sample(key, n), handledAt);
  return ledger;
}

describe('the longest gap of a run', () => {
  it('is the longest time in which no message was handled', () => {
    const ledger = told(['a', 0, 0, 110], ['b', 0, 0, 140], ['a', 1, 0, 145]);
    expect(longestGapMs(ledger.handlings(), 100)).toBe(30);
    expect(longestGapMs(ledger.handlings(), 50)).toBe(60);
  });

  it('counts the time after the last where some are still missing', () => {
    expect(longestGapMs(told(['a', 0, 0, 110]).handlings(), 100, 190)).toBe(80);
  });

  it('of a run in which nothing was handled is nothing', () => {
    expect(longestGapMs([], 50)).toBe(0);
  });
});

describe('the longest standstill of a key', () => {
  it('is counted from when its message was at the broker', () => {
    expect(longestStandstillMs(told(['a', 0, 100, 103], ['a', 1, 500, 502]))).toBe(3);
  });

  it('is counted from when the one before it was handled', () => {
    expect(longestStandstillMs(told(['a', 0, 100, 150], ['a', 1, 101, 155], ['a', 2, 102, 220]))).toBe(65);
  });

  it('is not hidden by another key that moves', () => {
    expect(longestStandstillMs(told(['a', 0, 100, 900], ['b', 0, 100, 101], ['b', 1, 100, 102]))).toBe(800);
  });
});

describe('the order of a run', () => {
  it('is that of the times, whoever told them first', () => {
    const ledger = books();
    ledger.handle(sample('a', 1), 20);
    ledger.handle(sample('a', 0), 10);
    expect(ledger.counts().reordered).toBe(0);
    ledger.handle(sample('a', 3), 30);
    ledger.handle(sample('a', 2), 31);
    expect(ledger.counts().reordered).toBe(1);
  });

  it('is that of the first handling of each message', () => {
    const ledger = books();
    ledger.handle(sample('a', 0), 40);
    ledger.handle(sample('a', 1), 20);
    ledger.handle(sample('a', 0), 10);
    expect(ledger.counts()).toMatchObject({ reordered: 0, duplicated: 1 });
  });
});
