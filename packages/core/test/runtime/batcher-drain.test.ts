import { describe, expect, it } from 'vitest';
import { bench, ended, manualSender, message } from './fakes.js';

describe('drain', () => {
  it('accepts nothing more, sends what lingers, and resolves when all is resolved', async () => {
    const { batcher, send, tick, clock } = bench({ lingerMs: 50, maxPending: 2 });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1', 'c1');
    const drained = batcher.drain(1_000);
    expect(await ended(batcher.send(message('d')))).toMatch(/^CLOSED failed: send to channel "orders"/);
    await tick();
    sender.calls[0]?.end();
    await tick();
    sender.calls[1]?.end();
    expect(await drained).toBe(0);
    expect([ends, clock.pending]).toEqual([{ a1: 'ok', b1: 'ok', c1: 'ok' }, 0]);
  });

  it('gives up at the deadline what is left, says so of each, and tells how many', async () => {
    const { batcher, send, tick, clock } = bench({ maxPending: 2 });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1');
    await tick();
    batcher.lost();
    const more = send('b1', 'c1');
    const drained = batcher.drain(1_000);
    const again = batcher.drain(5_000);
    await tick(1_000);
    expect([await drained, await again]).toEqual([3, 3]);
    expect([ends, more]).toEqual([{ a1: 'TIMEOUT unknown' }, { b1: 'TIMEOUT failed', c1: 'TIMEOUT failed' }]);
    expect([batcher.pending, batcher.waiting, clock.pending]).toEqual([0, 0, 0]);
  });

  it('resolves at once where nothing is pending, and a shorter deadline wins', async () => {
    const { batcher, send, tick, clock } = bench();
    expect(await bench().batcher.drain(1_000)).toBe(0);
    send('a1');
    const slow = batcher.drain(20_000);
    const quick = batcher.drain(0);
    await tick();
    expect([await slow, await quick, clock.pending]).toEqual([1, 1, 0]);
  });
});
