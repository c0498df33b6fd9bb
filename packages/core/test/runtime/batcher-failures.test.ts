import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MessagingError } from '../../src/transport/errors.js';
import { bench, broken, ended, invalid, manualSender, message, numbered, throttled } from './fakes.js';

describe('failures of single messages', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('pauses as if for the first time after a link was lost in between, and does not linger then', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { batcher, send, tick } = bench({ lingerMs: 50 });
    send('a1');
    for (let links = 0; links < 5; links++) {
      const sender = manualSender();
      batcher.open(sender);
      await tick();
      sender.calls[0]?.fail(broken());
      await tick();
    }
    const sender = manualSender();
    batcher.open(sender);
    await tick();
    sender.calls[0]?.fail(throttled);
    await tick(99);
    expect(sender.calls.length).toBe(1);
    await tick(1);
    expect(sender.calls.length).toBe(2);
  });

  it('sends again with growing pauses what the broker may take later, and nothing else of the call', async () => {
    const { batcher, send, tick } = bench();
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1', 'c1');
    await tick();
    sender.calls[0]?.end([{ index: 1, error: throttled }]);
    await tick();
    expect(ends).toEqual({ a1: 'ok', c1: 'ok' });
    await tick(49);
    expect(sender.calls.length).toBe(1);
    await tick(76);
    expect(sender.ids.slice(1)).toEqual([['b1']]);
    sender.calls[1]?.end([{ index: 0, error: throttled }]);
    await tick(99);
    expect(sender.calls.length).toBe(2);
    await tick(126);
    expect(sender.ids.slice(2)).toEqual([['b1']]);
    sender.calls[2]?.end();
    await tick();
    expect(ends).toEqual({ a1: 'ok', b1: 'ok', c1: 'ok' });
  });

  it('sends together again what failed together', async () => {
    const { batcher, send, tick } = bench();
    const sender = manualSender();
    batcher.open(sender);
    send(...numbered('a', 10));
    await tick();
    sender.calls[0]?.fail(throttled);
    await tick(200);
    expect(sender.ids.slice(1)).toHaveLength(1);
    expect(sender.ids[1]).toHaveLength(10);
  });

  it('rejects what no retry can help, and only that', async () => {
    const { batcher, send, tick, linkErrors } = bench();
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1');
    await tick();
    sender.calls[0]?.end([{ index: 0, error: invalid }]);
    await tick();
    expect(ends).toEqual({ a1: 'INVALID failed', b1: 'ok' });
    expect(linkErrors).toEqual([]);
  });

  it('says unknown where the last try was refused but an earlier one was not answered', async () => {
    const { batcher, send, tick } = bench();
    const first = manualSender();
    batcher.open(first);
    const ends = send('a1');
    await tick();
    batcher.lost();
    const second = manualSender();
    batcher.open(second);
    await tick();
    second.calls[0]?.fail(invalid);
    await tick();
    expect(ends).toEqual({ a1: 'INVALID unknown' });
  });
});

describe('timeouts', () => {
  it('says that it never left, that there is no link, and what broke it', async () => {
    const { batcher, tick, clock } = bench({ sendTimeoutMs: 2_000 });
    const early = ended(batcher.send(message('a')));
    await tick(2_000);
    expect(await early).toBe(
      'TIMEOUT failed: send to channel "orders" on transport "cloud" did not succeed within 2000 ms: there is no connection',
    );
    const sender = manualSender();
    batcher.open(sender);
    const tried = ended(batcher.send(message('b')));
    await tick();
    sender.calls[0]?.fail(broken('failed'));
    await tick();
    const late = ended(batcher.send(message('c')));
    await tick(2_000);
    expect(await tried).toMatch(/^TIMEOUT failed: .* 2000 ms: the last try failed: socket closed$/);
    expect(await late).toMatch(/^TIMEOUT failed: .* 2000 ms: its sender is not open: socket closed$/);
    expect(clock.pending).toBe(0);
  });

  it('says unknown for what is in flight, and ignores the confirm that comes after', async () => {
    const { batcher, send, tick } = bench({ sendTimeoutMs: 2_000 });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1');
    await tick(1_999);
    expect(ends).toEqual({});
    await tick(1);
    expect(ends).toEqual({ a1: 'TIMEOUT unknown' });
    sender.calls[0]?.end();
    await tick();
    expect([ends, batcher.pending, batcher.bytes]).toEqual([{ a1: 'TIMEOUT unknown' }, 0, 0]);
  });

  it('says unknown where an earlier try was not answered, and failed where each was refused', async () => {
    const { batcher, send, tick } = bench({ sendTimeoutMs: 2_000, limits: { sendBatch: 1 } });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1', 'c1');
    await tick();
    sender.calls[0]?.fail(throttled);
    sender.calls[1]?.fail(new MessagingError('TIMEOUT', 'no answer', { outcome: 'unknown' }));
    await tick();
    batcher.lost();
    await tick(2_000);
    expect(ends).toEqual({ a1: 'TIMEOUT failed', b1: 'TIMEOUT unknown', c1: 'TIMEOUT unknown' });
  });

  it('counts from send, through retries', async () => {
    const { batcher, tick } = bench({ sendTimeoutMs: 2_000 });
    const sender = manualSender();
    batcher.open(sender);
    const end = ended(batcher.send(message('a')));
    for (let ms = 0; ms < 2_000; ms += 25) {
      await tick(25);
      sender.calls.at(-1)?.fail(throttled);
    }
    expect(await end).toMatch(/^TIMEOUT failed: .*: the last try failed: slow down$/);
    const { length } = sender.calls;
    expect(length).toBeGreaterThan(3);
    await tick(60_000);
    expect(sender.calls.length).toBe(length);
  });
});

describe('signals', () => {
  it('takes back what has not left', async () => {
    const { batcher, send, tick } = bench();
    const abort = new AbortController();
    const end = ended(batcher.send(message('a'), abort.signal));
    send('b1');
    abort.abort(new Error('client went away'));
    expect(await end).toBe(
      'TIMEOUT failed: send to channel "orders" on transport "cloud" was given up by its caller: client went away',
    );
    const sender = manualSender();
    batcher.open(sender);
    await tick();
    expect(sender.ids).toEqual([['b1']]);
  });

  it('gives up what is in flight with outcome unknown, and does not listen on', async () => {
    const { batcher, tick } = bench();
    const sender = manualSender();
    batcher.open(sender);
    const abort = new AbortController();
    const end = batcher.send(message('a'), abort.signal);
    const other = batcher.send(message('b'), abort.signal);
    await tick();
    sender.calls[0]?.end([{ index: 0, error: throttled }]);
    await other;
    await tick(200);
    expect(getEventListeners(abort.signal, 'abort').length).toBe(1);
    abort.abort();
    await expect(end).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'unknown', retryable: false });
    expect(batcher.pending).toBe(0);
  });

  it('refuses at once where the signal is aborted already', async () => {
    const { batcher } = bench();
    expect(await ended(batcher.send(message('a'), AbortSignal.abort('late')))).toMatch(/^TIMEOUT failed: .*: late$/);
    expect(batcher.pending).toBe(0);
  });
});
