import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bench, ended, invalid, manualSender, message, throttled } from './fakes.js';

describe('order per key', () => {
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(1));
  afterEach(() => void vi.restoreAllMocks());

  it('puts one message of a key in a call where entries fail one by one, and nothing newer before it is resolved', async () => {
    const { batcher, send, tick } = bench({ ordered: true });
    const sender = manualSender();
    batcher.open(sender);
    const ends = send('a1', 'a2', 'b1', 'a3', 'c1');
    await tick();
    expect(sender.ids).toEqual([['a1', 'b1', 'c1']]);
    send('b2', 'd1');
    await tick();
    expect(sender.ids.slice(1)).toEqual([['d1']]);
    sender.calls[0]?.end([{ index: 0, error: throttled }]);
    await tick();
    expect(sender.ids.slice(2)).toEqual([['b2']]);
    await tick(200);
    expect(sender.ids.slice(3)).toEqual([['a1']]);
    sender.calls[3]?.end([{ index: 0, error: invalid }]);
    await tick();
    expect(ends).toMatchObject({ a1: 'INVALID failed', b1: 'ok' });
    expect(sender.ids.slice(4)).toEqual([['a2']]);
  });

  it('lets several of a key share a call where a batch fails as a whole, but not two calls at a time', async () => {
    const { batcher, send, tick } = bench({ ordered: true, limits: { batchFailure: 'whole', sendBatch: 4 } });
    const sender = manualSender();
    batcher.open(sender);
    send('a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'c1');
    await tick();
    expect(sender.ids).toEqual([['a1', 'b1', 'c1', 'a2']]);
    send('d1', 'd2');
    await tick();
    expect(sender.ids.slice(1)).toEqual([['d1', 'd2']]);
    sender.calls[0]?.fail(throttled);
    sender.calls[1]?.end();
    send('d3');
    await tick();
    expect(sender.ids.slice(2)).toEqual([['d3']]);
    await tick(200);
    expect(sender.ids.slice(3)).toEqual([['c1', 'b1', 'a1', 'b2']]);
    sender.calls[3]?.end();
    await tick();
    expect(sender.ids.slice(4)).toEqual([['a2', 'a3', 'a4', 'a5']]);
  });

  it('lets keys take turns in a call, so that a reader of a log has work for many handlers at a time', async () => {
    const { batcher, send, tick } = bench({ ordered: true, limits: { batchFailure: 'whole', sendBatch: 100 } });
    const sender = manualSender();
    batcher.open(sender);
    send('x1');
    await tick();
    send('a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c2', 'c3');
    await tick();
    expect(sender.ids.slice(1)).toEqual([['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'c3']]);
  });

  it('does not hold back one that failed together with an older one of its key, once that is resolved', async () => {
    const { batcher, send, tick } = bench({ ordered: true, limits: { batchFailure: 'whole', sendBatch: 2 } });
    const sender = manualSender();
    batcher.open(sender);
    send('x1');
    await tick();
    send('a1', 'a2');
    await tick();
    for (const call of sender.calls) call.fail(throttled);
    await tick(200);
    expect(sender.ids.flat().slice(3)).toEqual(['x1', 'a1']);
    for (const call of sender.calls) call.end();
    await tick();
    expect(sender.ids.flat().slice(5)).toEqual(['a2']);
  });

  it('forgets a key that is resolved', async () => {
    const { batcher, send, tick } = bench({ ordered: true });
    const sender = manualSender();
    batcher.open(sender);
    for (const [call, id] of ['a1', 'a2', 'a3'].entries()) {
      send(id);
      await tick();
      expect(sender.ids[call]).toEqual([id]);
      sender.calls[call]?.end();
      await tick();
    }
  });

  it('keeps a call of one key within the most bytes', async () => {
    const { batcher, tick } = bench({ ordered: true, limits: { batchFailure: 'whole', sendBytes: 10_000 } });
    const sender = manualSender();
    batcher.open(sender);
    for (const id of ['a', 'b', 'c']) void batcher.send(message(id, 'k', new Uint8Array(4_500)));
    await tick();
    expect(sender.ids).toEqual([['a', 'b']]);
  });

  it('frees the key of a message that timed out or was given up', async () => {
    const { batcher, send, tick } = bench({ ordered: true, sendTimeoutMs: 1_000 });
    const sender = manualSender();
    batcher.open(sender);
    const abort = new AbortController();
    send('a1');
    void ended(batcher.send(message('b1', 'b'), abort.signal));
    await tick(500);
    send('a2', 'b2');
    await tick(499);
    expect(sender.ids).toEqual([['a1', 'b1']]);
    abort.abort();
    await tick();
    expect(sender.ids.slice(1)).toEqual([['b2']]);
    await tick(1);
    expect(sender.ids.slice(2)).toEqual([['a2']]);
  });

  it('keeps the order of each key over a lost link', async () => {
    const { batcher, send, tick } = bench({ ordered: true });
    const first = manualSender();
    batcher.open(first);
    send('a1', 'a2', 'b1');
    await tick();
    batcher.lost();
    send('a3', 'b2');
    const second = manualSender();
    batcher.open(second);
    for (let call = 0; call < 3; call++) {
      await tick();
      second.calls[call]?.end();
    }
    await tick();
    expect(second.ids).toEqual([['a1', 'b1'], ['a2', 'b2'], ['a3']]);
    expect(batcher.pending).toBe(0);
  });

  it('keeps within the most messages in flight when a key has more than fit', async () => {
    const { batcher, send, tick } = bench({ ordered: true, limits: { batchFailure: 'whole' }, maxInFlight: 8 });
    const sender = manualSender();
    batcher.open(sender);
    for (const [one, two = 't1'] of [['z1', 'y1'], ['x1', 'w1'], ['v1', 'u1'], ['t1']]) {
      send(...new Set([one!, two]));
      await tick();
    }
    send('a1', 'a2');
    await tick();
    expect(sender.ids.slice(3)).toEqual([['t1'], ['a1']]);
  });

  it('does not hold messages without a key', async () => {
    const { batcher, tick } = bench({ ordered: true });
    const sender = manualSender();
    batcher.open(sender);
    void batcher.send(message('a'));
    void batcher.send(message('b'));
    await tick();
    expect(sender.ids).toEqual([['a', 'b']]);
  });
});
