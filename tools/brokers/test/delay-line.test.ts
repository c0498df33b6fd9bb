import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DelayLine } from '../src/delay-line.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

it('lets each pass in its order, so many milliseconds after it came and not before', async () => {
  const line = new DelayLine(10);
  const began = performance.now();
  const passed: [string, number][] = [];
  const pass = (name: string): void => line.pass(() => void passed.push([name, Math.floor(performance.now() - began)]));
  pass('a');
  await vi.advanceTimersByTimeAsync(3);
  pass('b');
  pass('c');
  await vi.advanceTimersByTimeAsync(6);
  expect(passed).toEqual([]);
  await vi.advanceTimersByTimeAsync(20);
  expect(passed).toEqual([
    ['a', 10],
    ['b', 13],
    ['c', 13],
  ]);
  pass('d');
  await vi.advanceTimersByTimeAsync(10);
  expect(passed).toHaveLength(4);
});

it('does not hold what has no time to wait', () => {
  const go = vi.fn();
  new DelayLine(0).pass(go);
  expect(go).toHaveBeenCalledOnce();
});

it('lets nothing pass after its end', async () => {
  const line = new DelayLine(10);
  const go = vi.fn();
  line.pass(go);
  line.end();
  await vi.advanceTimersByTimeAsync(100);
  expect(go).not.toHaveBeenCalled();
});
