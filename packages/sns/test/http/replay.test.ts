import { virtualClock } from '@omnibus/core/transport';
import { expect, test } from 'vitest';
import { replay } from '../../src/http/replay.js';

test('a timestamp is good for 65 min, and 5 min ahead; what is no time is not', () => {
  const clock = virtualClock();
  const { isExpired } = replay({ clock });
  const at = (ms: number): string => new Date(clock.now() + ms).toISOString();
  expect([-3_900_000, 0, 300_000].map((ms) => isExpired(at(ms)))).toEqual([false, false, false]);
  expect([-3_900_001, 300_001].map((ms) => isExpired(at(ms)))).toEqual([true, true]);
  expect(isExpired('2026-99-99T00:00:00Z')).toBe(true);
});

test('an id is known for as long as a post of it could still be in the window, and forgotten afterwards', async () => {
  const clock = virtualClock();
  const seen = replay({ clock, maxAgeMs: 60_000 });
  seen.done('a');
  expect([seen.isDone('a'), seen.isDone('b')]).toEqual([true, false]);
  await clock.advance(359_999);
  expect(seen.isDone('a')).toBe(true);
  await clock.advance(1);
  expect(seen.isDone('a')).toBe(false);
  seen.done('b');
  expect(seen.size).toBe(1);
});

test('no more than maxIds are remembered: the oldest goes first', () => {
  const seen = replay({ clock: virtualClock(), maxIds: 3 });
  for (const id of ['a', 'b', 'c', 'a', 'd']) seen.done(id);
  expect(['a', 'b', 'c', 'd'].filter((id) => seen.isDone(id))).toEqual(['a', 'c', 'd']);
  expect(seen.size).toBe(3);
});
