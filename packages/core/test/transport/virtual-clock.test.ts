import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../src/transport/virtual-clock.js';

describe('a virtual clock', () => {
  it('rests before the first timer, after each, and moves no further until it has', async () => {
    const clock = virtualClock(0);
    const seen: (string | number)[] = [];
    clock.timer(10, () => seen.push('ten'));
    clock.timer(20, () => seen.push('twenty'));
    await clock.advance(30, async () => void seen.push(clock.now()));
    expect(seen).toEqual([0, 'ten', 10, 'twenty', 20]);
    expect(clock.now()).toBe(30);
  });
});
