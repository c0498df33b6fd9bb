import { describe, expect, it } from 'vitest';
import { retry } from '../../src/runtime/outcome.js';
import { MessagingError } from '../../src/transport/errors.js';
import { consumerBench, delivery, gates, handlerOf } from './engine-fakes.js';

const of = (key: string, id: string, over = {}) => delivery(id, { key, ...over });

describe('order per key', () => {
  it('holds while the head waits for its next attempt; other keys go on', async () => {
    const seen: string[] = [];
    const { now, turn, clock } = await consumerBench(
      handlerOf({
        run: (id, { attempt }) => {
          seen.push(id);
          return id === 'a1' && attempt === 1 ? retry(5_000) : undefined;
        },
      }),
      { ordered: true },
    );
    now.push(of('a', 'a1'), of('a', 'a2'), of('b', 'b1'));
    await turn();
    expect(seen).toEqual(['a1', 'b1']);
    await clock.advance(5_000);
    expect(seen).toEqual(['a1', 'b1', 'a1', 'a2']);
  });

  it('makes a key that comes back on a new link wait for its old handler', async () => {
    const { wait, open, names } = gates();
    const bench = await consumerBench(handlerOf({ run: wait }), { ordered: true });
    bench.now.push(of('a', 'a1'));
    await bench.turn();
    await bench.reopen();
    bench.now.push(of('a', 'a1'), of('a', 'a2'));
    await bench.turn();
    expect(names).toEqual(['a1']);
    open('a1');
    await bench.turn();
    expect(names).toEqual(['a1', 'a1']);
  });

  it('gives a whole lane back for a delay that the broker has to wait for, and takes the key again after it', async () => {
    const { wait, open } = gates();
    let slow = true;
    const seen: string[] = [];
    const { now, turn } = await consumerBench(
      handlerOf({
        run: (id) => {
          seen.push(id);
          return slow ? retry(20_000) : undefined;
        },
      }),
      { ordered: true, inPlaceMs: 10_000 },
    );
    now.onSettle = async (_, { type }) => {
      if (type === 'retry') await wait('retry');
      return [];
    };
    now.push(of('a', 'a1'), of('a', 'a2'), of('a', 'a3'));
    await turn();
    expect([seen, now.settled]).toEqual([['a1'], ['release a2', 'release a3']]);
    now.push(of('a', 'a4'));
    await turn();
    expect([seen, now.settled]).toEqual([['a1'], ['release a2', 'release a3', 'release a4']]);
    slow = false;
    open('retry');
    await turn();
    now.push(of('a', 'a1'), of('a', 'a2'));
    await turn();
    expect(seen).toEqual(['a1', 'a1', 'a2']);
  });

  it('loses a whole lane with one message of it, and the key goes on', async () => {
    const lease = new AbortController();
    const seen: string[] = [];
    const { now, turn, stats } = await consumerBench(
      handlerOf({
        run: (id, { attempt }) => {
          seen.push(id);
          return id === 'a1' && attempt === 1 && seen.length === 1 ? retry(5_000) : undefined;
        },
      }),
      { ordered: true },
    );
    now.push(of('a', 'a1', { lease: lease.signal }), of('a', 'a2'));
    await turn();
    lease.abort();
    now.push(of('a', 'a1'), of('a', 'a2'));
    await turn();
    expect([seen, stats.lost, stats.held]).toEqual([['a1', 'a1', 'a2'], 2, 0]);
  });

  it('goes on behind a head that was collected for a batch and lost', async () => {
    const lease = new AbortController();
    const seen: unknown[] = [];
    const { now, turn, clock, stats, end } = await consumerBench(
      handlerOf({ batch: 5, waitMs: 1_000, call: (payloads) => void seen.push(payloads) }),
      { ordered: true },
    );
    now.push(of('a', 'a1', { lease: lease.signal }));
    await turn();
    lease.abort();
    now.push(of('a', 'a1'));
    await clock.advance(1_000);
    expect([seen, stats.held, stats.lost, end.running]).toEqual([[['a1']], 0, 1, 0]);
  });

  it('opens the receiver anew where locks that cannot be renewed are half over', async () => {
    const { wait, open, names } = gates();
    const bench = await consumerBench(handlerOf({ run: wait }), { ordered: true });
    bench.now.push(of('a', 'a1', { lockedUntil: 10_000 }), of('a', 'a2', { lockedUntil: 10_000 }));
    await bench.clock.advance(6_000);
    open('a1');
    await bench.turn();
    expect(names).toEqual(['a1']);
    expect(bench.failed).toMatchObject([{ code: 'LOST' }]);
  });
});

describe('locks', () => {
  const extending = (extended: string[], answer: () => readonly { index: number; error: MessagingError }[] = () => []) => ({
    make: (receiver: { extend?: unknown }) => {
      receiver.extend = async (batch: { id: string; lockedUntil: number }[], ms: number) => {
        extended.push(batch.map(({ id }) => id).join(' '));
        const failures = answer();
        if (failures.length === 0) for (const each of batch) each.lockedUntil += ms;
        return failures;
      };
    },
  });

  it('of all that is held are renewed, running or waiting; no timer stays when nothing is held', async () => {
    const extended: string[] = [];
    const { wait, open } = gates();
    const { now, clock, turn } = await consumerBench(handlerOf({ run: wait }), { concurrency: 1, ...extending(extended) });
    now.push(delivery('a', { lockedUntil: 10_000 }), delivery('b', { lockedUntil: 10_000 }));
    await clock.advance(4_000);
    expect(extended).toEqual(['a b']);
    open('a');
    await turn();
    open('b');
    await clock.advance(4_000);
    expect([now.settled, clock.pending]).toEqual([['ack a', 'ack b'], 0]);
  });

  it('that are lost tell their handler, whose result counts nothing', async () => {
    const { wait, open } = gates();
    const signals: AbortSignal[] = [];
    const { now, clock, turn, stats } = await consumerBench(
      handlerOf({
        run: (id, { signal }) => {
          signals.push(signal);
          return wait(id);
        },
      }),
      extending([], () => [{ index: 0, error: new MessagingError('LOST', 'gone') }]),
    );
    now.push(delivery('a', { lockedUntil: 10_000 }));
    await clock.advance(4_000);
    expect(signals[0]?.aborted).toBe(true);
    open('a');
    await turn();
    expect([now.settled, stats.lost, stats.held]).toEqual([[], 1, 0]);
  });

  it('that ran out while a message waited keep its handler from starting, and those of its key behind it', async () => {
    const { wait, open, names } = gates();
    const bench = await consumerBench(handlerOf({ run: wait }), {
      ordered: true,
      concurrency: 1,
      make: (receiver) => {
        receiver.extend = () => new Promise(() => {}); // no answer comes
      },
    });
    const { now, clock, turn, stats } = bench;
    now.push(
      of('a', 'a1', { lockedUntil: 30_000 }),
      of('a', 'a2', { lockedUntil: 10_000 }),
      of('a', 'a3', { lockedUntil: 30_000 }),
    );
    now.push(of('b', 'b1', { lockedUntil: Number.NEGATIVE_INFINITY }), of('c', 'c1', { lockedUntil: 30_000 }));
    await clock.advance(11_000);
    open('a1');
    await turn();
    expect(names).toEqual(['a1', 'c1']);
    open('c1');
    await turn();
    expect([now.settled, stats.lost, stats.held]).toEqual([['ack a1', 'ack c1'], 3, 0]);
    now.push(of('a', 'a2', { lockedUntil: 50_000 }));
    await turn();
    expect(names).toEqual(['a1', 'c1', 'a2']);
  });
});
