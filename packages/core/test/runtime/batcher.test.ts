import { describe, expect, it } from 'vitest';
import { bench, ended, manualSender, message, numbered } from './fakes.js';

describe('group commit', () => {
  it('sends in one call what one tick brings, and resolves each message when the call ends', async () => {
    const { batcher, send, tick, clock } = bench();
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1', 'c1');
    expect(sender.ids).toEqual([]);
    await tick();
    expect(sender.ids).toEqual([['a1', 'b1', 'c1']]);
    expect([batcher.pending, ends]).toEqual([3, {}]);
    sender.calls[0]?.end();
    await tick();
    expect([batcher.pending, batcher.bytes, ends]).toEqual([0, 0, { a1: 'ok', b1: 'ok', c1: 'ok' }]);
    expect(clock.pending).toBe(0);
  });

  it('cuts calls at the most messages and at the most bytes, and sends a large one alone', async () => {
    const { batcher, tick } = bench({ limits: { sendBatch: 3, sendBytes: 10_000 } });
    const sender = manualSender();
    batcher.open(sender);
    for (const [id, size] of Object.entries({ a: 1, b: 1, c: 1, d: 1, e: 5_500, f: 5_500, g: 1 }))
      void batcher.send(message(id, undefined, new Uint8Array(size)));
    await tick();
    expect(sender.ids).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
      ['f', 'g'],
    ]);
  });

  it('overlaps calls up to the most messages in flight, and sends on when a call ends', async () => {
    const { batcher, send, tick } = bench({ maxInFlight: 8, limits: { sendBatch: 100 } });
    const sender = manualSender();
    batcher.open(sender);
    send(...numbered('a', 12));
    await tick();
    expect(sender.ids).toEqual([
      ['a1', 'a2'],
      ['a3', 'a4'],
      ['a5', 'a6'],
      ['a7', 'a8'],
    ]);
    sender.calls[2]?.end();
    await tick();
    expect(sender.ids.slice(4)).toEqual([['a9', 'a10']]);
  });

  it('waits until a whole call fits among the messages in flight', async () => {
    const { batcher, send, tick } = bench({ maxInFlight: 8 });
    const sender = manualSender();
    batcher.open(sender);
    send(...numbered('a', 7));
    await tick();
    send('b1', 'b2');
    await tick();
    expect(sender.ids.slice(3)).toEqual([['a7']]);
    sender.calls[3]?.end();
    await tick();
    expect(sender.ids.slice(4)).toEqual([['b1', 'b2']]);
  });

  it('waits for company as long as it may linger, and no longer once a call is full', async () => {
    const { batcher, send, tick } = bench({ lingerMs: 5, limits: { sendBatch: 3 } });
    const sender = manualSender();
    batcher.open(sender);
    send('a1');
    await tick(4);
    send('a2');
    expect(sender.ids).toEqual([]);
    await tick(1);
    expect(sender.ids).toEqual([['a1', 'a2']]);
    send('a3', 'a4', 'a5', 'a6');
    await tick(0);
    expect(sender.ids.slice(1)).toEqual([['a3', 'a4', 'a5']]);
    await tick(5);
    expect(sender.ids.slice(2)).toEqual([['a6']]);
  });

  it('keeps one timer however many messages wait, and none when idle', async () => {
    const { batcher, send, tick, clock } = bench();
    expect(clock.pending).toBe(0);
    send(...numbered('a', 50));
    await tick(10);
    send(...numbered('b', 50));
    expect(clock.pending).toBe(1);
    const sender = manualSender();
    batcher.open(sender);
    await tick();
    expect(clock.pending).toBe(1);
    for (const call of sender.calls) call.end();
    await tick();
    expect([batcher.pending, clock.pending]).toEqual([0, 0]);
  });

  it('splits what is unresolved into calls that overlap, where calls are free', async () => {
    const { batcher, send, tick } = bench();
    const sender = manualSender();
    batcher.open(sender);
    send(...numbered('a', 100));
    await tick();
    expect(sender.ids.map((call) => call.length)).toEqual([25, 25, 25, 25]);
    for (const call of sender.calls) call.end();
    send(...numbered('b', 10));
    await tick();
    expect(sender.ids.slice(4).map((call) => call.length)).toEqual([10]);
  });

  it('fills its calls where each is paid for', async () => {
    const { batcher, send, tick } = bench({ lingerMs: 5 });
    const sender = manualSender();
    batcher.open(sender);
    send(...numbered('a', 100));
    await tick(5);
    expect(sender.ids.map((call) => call.length)).toEqual([100]);
  });
});

describe('what does not fit', () => {
  it('refuses a message too large for the broker at once, by size and limit and without its payload', async () => {
    const { batcher, clock } = bench({ limits: { sendBytes: 10_000 } });
    const result = await ended(batcher.send(message('a', undefined, new TextEncoder().encode('secret'.repeat(1_000)))));
    expect(result).toMatch(/^TOO_LARGE failed: send to channel "orders" on transport "cloud": .* 6082 bytes .* 5904 /);
    expect(result).not.toContain('secret');
    expect([batcher.pending, clock.pending]).toEqual([0, 0]);
  });

  it('counts header text as UTF-8', async () => {
    const { batcher, tick } = bench({ limits: { sendBytes: 10_000 } });
    const sender = manualSender();
    batcher.open(sender);
    void batcher.send(message('ascii', undefined, new Uint8Array(), { h: 'x'.repeat(5_700) }));
    await tick();
    expect(sender.ids).toEqual([['ascii']]);
    expect(await ended(batcher.send(message('greek', undefined, new Uint8Array(), { h: 'λ'.repeat(5_700) })))).toMatch(
      /^TOO_LARGE/,
    );
  });

  it('lets what sends dead letters use the last 4 KB', async () => {
    const { batcher, tick } = bench({ reserveBytes: 0, limits: { sendBytes: 10_000 } });
    const sender = manualSender();
    batcher.open(sender);
    void batcher.send(message('a', undefined, new Uint8Array(9_000)));
    await tick();
    expect(sender.ids).toEqual([['a']]);
  });
});

describe('room', () => {
  it('lets sends wait for room, first come first served', async () => {
    const { batcher, send, tick } = bench({ maxPending: 2 });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'b1', 'c1', 'd1', 'e1');
    await tick();
    expect([sender.ids, batcher.pending, batcher.waiting]).toEqual([[['a1', 'b1']], 2, 3]);
    sender.calls[0]?.end();
    await tick();
    expect([sender.ids.slice(1), batcher.pending, batcher.waiting]).toEqual([[['c1', 'd1']], 2, 1]);
    sender.calls[1]?.end();
    await tick();
    sender.calls[2]?.end();
    await tick();
    expect([Object.values(ends), batcher.pending, batcher.waiting]).toEqual([['ok', 'ok', 'ok', 'ok', 'ok'], 0, 0]);
  });

  it('counts bytes too, but lets one large message pass alone', async () => {
    const { batcher, tick } = bench({ maxPendingBytes: 2_000 });
    const sender = manualSender();
    batcher.open(sender);
    void batcher.send(message('a', undefined, new Uint8Array(5_000)));
    void batcher.send(message('b', undefined, new Uint8Array(100)));
    await tick();
    expect([sender.ids, batcher.pending, batcher.waiting]).toEqual([[['a']], 1, 1]);
    sender.calls[0]?.end();
    await tick();
    expect([sender.ids.slice(1), batcher.waiting]).toEqual([[['b']], 0]);
  });

  it('lets nobody pass who came later, even where there would be room for it', async () => {
    const { batcher, tick } = bench({ maxPendingBytes: 2_000 });
    const sender = manualSender();
    batcher.open(sender);
    for (const [id, size] of Object.entries({ a: 500, b: 1_800, c: 1 }))
      void batcher.send(message(id, undefined, new Uint8Array(size)));
    await tick();
    expect([sender.ids, batcher.waiting]).toEqual([[['a']], 2]);
  });

  it('waits for room no longer than the timeout, says so, and lets in who waits behind', async () => {
    const { batcher, send, tick } = bench({ maxPending: 1, sendTimeoutMs: 1_000 });
    const sender = manualSender();
    batcher.open(sender);
    send('a1');
    await tick(1);
    const end = ended(batcher.send(message('b1')));
    const abort = new AbortController();
    const given = ended(batcher.send(message('c1'), abort.signal));
    send('d1');
    abort.abort('never mind');
    expect(await given).toMatch(/^TIMEOUT failed/);
    await tick(999);
    expect(sender.ids).toEqual([['a1'], ['b1']]);
    await tick(1);
    expect(await end).toMatch(/^TIMEOUT unknown/);
    batcher.lost();
    const blocked = ended(batcher.send(message('e1')));
    await tick(1_000);
    expect(await blocked).toMatch(/^TIMEOUT failed: .* (no connection|waited for room behind 1 unresolved)/);
  });
});
