import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { within } from '../../src/runtime/within.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { ended } from './fakes.js';
import { cut, fails, never } from './link-fakes.js';

describe('a step with a deadline', () => {
  it('gives what the step gives, and leaves neither timer nor listener', async () => {
    const clock = virtualClock();
    const { signal } = new AbortController();
    expect(await within(clock, 100, 'connect', () => 1, signal)).toBe(1);
    await expect(within(clock, 100, 'connect', fails(cut), signal)).rejects.toBe(cut);
    expect([clock.pending, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  });

  it('fails at the deadline, naming the step, and when the signal aborts', async () => {
    const clock = virtualClock();
    const abort = new AbortController();
    const late = ended(within(clock, 100, 'connect of transport "cloud"', never, abort.signal));
    await clock.advance(100);
    expect(await late).toBe('CONNECTION unknown: connect of transport "cloud" did not finish within 100 ms');
    const given = ended(within(clock, 100, 'connect', never, abort.signal));
    abort.abort();
    expect(await given).toBe('CLOSED failed: connect was given up');
    expect([clock.pending, getEventListeners(abort.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('does not begin where the signal is aborted already', async () => {
    const clock = virtualClock();
    let began = false;
    const end = ended(within(clock, 100, 'connect', () => (began = true), AbortSignal.abort()));
    expect([await end, began, clock.pending]).toEqual(['CLOSED failed: connect was given up', false, 0]);
  });
});
