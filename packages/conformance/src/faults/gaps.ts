import type { Books, Handling } from './counts.js';

/** Longest time between two handlings, between `since` and the first, and between the last and `until`, in ms. */
export function longestGapMs(handlings: readonly Handling[], since: number, until = since): number {
  let last = since;
  let longest = 0;
  for (const { at } of handlings) {
    longest = Math.max(longest, at - last);
    last = at;
  }
  return Math.max(longest, until - last);
}

/**
 * Longest time that a key stood still, in ms: its first waiting message was at the broker, the one before it was handled, and
 * nobody handled it. The n-th message of a key follows its (n-1)-th.
 */
export function longestStandstillMs(books: Pick<Books, 'handlings' | 'acknowledgedAt'>): number {
  const before = new Map<string, number>();
  let longest = 0;
  for (const { sample, at } of books.handlings()) {
    const ready = Math.max(books.acknowledgedAt.get(sample.id) ?? at, before.get(sample.key) ?? 0);
    longest = Math.max(longest, at - ready);
    before.set(sample.key, at);
  }
  return longest;
}
