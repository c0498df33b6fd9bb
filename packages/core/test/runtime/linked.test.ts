import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { linked } from '../../src/runtime/linked.js';

it('aborts with the first of its signals, and leaves no listener behind', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = linked(one.signal, undefined, other.signal);
  other.abort('enough');
  one.abort('too late');
  expect(both.signal.reason).toBe('enough');
  expect(linked(one.signal).signal.reason).toBe('too late');
  const calm = new AbortController();
  const quiet = linked(calm.signal);
  quiet.release();
  expect(getEventListeners(calm.signal, 'abort')).toEqual([]);
  calm.abort();
  expect(quiet.signal.aborted).toBe(false);
  quiet.abort('mine');
  expect(quiet.signal.reason).toBe('mine');
});
