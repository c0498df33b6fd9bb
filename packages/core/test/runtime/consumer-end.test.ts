import { beforeEach, describe, expect, it } from 'vitest';
import type { Handler } from '../../src/runtime/handler.js';
import { reject } from '../../src/runtime/outcome.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { MessagingError } from '../../src/transport/errors.js';
import { consumerBench, delivery, FakeReceiver, gates, handlerOf } from './engine-fakes.js';

const many = (count: number) => Array.from({ length: count }, (_, index) => delivery(`m${index}`));

describe('a process hook', () => {
  const failing = { policy: exponential({ attempts: 1 }) };
  it('that throws before it goes on fails the attempt, not the payload', async () => {
    const { now, turn } = await consumerBench(handlerOf(), { ...failing, process: () => Promise.reject(new Error('hook')) });
    now.push(delivery('a'));
    await turn();
    expect(now.verdicts).toMatchObject([{ type: 'reject', reason: 'attempts', error: 'Error: hook' }]);
  });

  it('that does not go on fails the attempt', async () => {
    const { now, turn } = await consumerBench(handlerOf(), { ...failing, process: async () => {} });
    now.push(delivery('a'));
    await turn();
    expect(now.verdicts).toMatchObject([{ type: 'reject', reason: 'attempts' }]);
  });

  it('that swallows an error, or does not wait, changes nothing', async () => {
    const { wait, fail } = gates();
    for (const process of [
      (_: unknown, next: () => Promise<void>) => next().catch(() => {}),
      async (_: unknown, next: () => Promise<void>) => void next(),
    ]) {
      const { now, turn, end } = await consumerBench(handlerOf({ run: wait }), { ...failing, process });
      now.push(delivery('a'));
      await turn();
      expect([now.settled, end.running]).toEqual([[], 1]);
      fail('a');
      await turn();
      expect(now.settled).toEqual(['reject a']);
    }
  });

  it('sees a payload that cannot be read as that', async () => {
    const decode = () => {
      throw new MessagingError('INVALID', 'no JSON');
    };
    const { now, turn } = await consumerBench(handlerOf({ decode }), { process: (_, next) => next() });
    now.push(delivery('a'));
    await turn();
    expect(now.verdicts).toMatchObject([{ type: 'reject', reason: 'invalid', error: 'no JSON' }]);
  });
});

describe('what a handler returned', () => {
  const told: string[] = [];
  const around = async (_: unknown, next: () => Promise<void>): Promise<void> => {
    told.push('begin');
    await next().catch((error: unknown) => void told.push((error as Error).message));
    told.push('end');
  };
  const policy = exponential({ attempts: 2, firstMs: 1_000, jitter: 'none' });
  const run = (id: string): unknown => (id === 'outcome' ? reject('no') : id);
  const make = (after: Handler['after']) => consumerBench(handlerOf({ run, after }), { policy, process: around });
  beforeEach(() => void told.splice(0));

  it('is sent within the process hooks of its delivery, once', async () => {
    const { now, turn, stats } = await make(async (value) => void told.push(`sent ${String(value)}`));
    now.push(delivery('a'));
    await turn();
    expect([told, now.settled, stats.handled]).toEqual([['begin', 'sent a', 'end'], ['ack a'], 1]);
  });

  it('fails the attempt where it cannot be sent, and the hooks see that', async () => {
    const { now, turn } = await make(() => Promise.reject(new Error('no broker')));
    now.push(delivery('a'));
    await turn();
    expect([told, now.settled]).toEqual([['begin', 'no broker', 'end'], ['retry a 1000']]);
  });

  it('is not sent where it is an outcome, or where its time is over', async () => {
    const { wait, open } = gates();
    const sent: unknown[] = [];
    const { now, turn, clock } = await consumerBench(
      handlerOf({
        run: (id) => (id === 'slow' ? wait(id) : run(id)),
        after: async (value) => void sent.push(value),
        timeoutMs: 500,
      }),
      { policy, process: around },
    );
    now.push(delivery('outcome'), delivery('slow'));
    await clock.advance(500);
    open('slow');
    await turn();
    expect([sent, now.settled]).toEqual([[], ['reject outcome', 'retry slow 1000']]);
  });
});

describe('an end', () => {
  it('closes what a slow opening still brings after it was lost', async () => {
    const { wait, open } = gates();
    let slow = false;
    const late = new FakeReceiver();
    const other = await consumerBench(handlerOf(), {
      receiver: async () => {
        if (slow) await wait('open');
        return slow ? late : new FakeReceiver();
      },
    });
    slow = true;
    const opening = other.end.open();
    await other.end.lost(new MessagingError('CONNECTION', 'cut'));
    open('open');
    await opening;
    expect([late.closed, late.asked, other.end.why]).toEqual([true, [], 'not consuming: its receiver is not open']);
  });

  it('drains: handlers end, verdicts arrive, what waits is given back', async () => {
    const { wait, open } = gates();
    const { now, turn, end, clock, stats } = await consumerBench(handlerOf({ run: wait }), { concurrency: 1 });
    now.push(...many(3));
    await turn();
    let drained = false;
    const draining = end.drain(new AbortController().signal).then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    open('m0');
    await draining;
    await end.close();
    expect([now.settled, now.held.size, stats.held, clock.pending, now.closed]).toEqual([['ack m0'], 2, 0, 0, true]);
  });

  it('tells handlers that outlive the deadline, and their result counts nothing', async () => {
    const { wait, open } = gates();
    const signals: AbortSignal[] = [];
    const { now, turn, end } = await consumerBench(
      handlerOf({
        run: (id, { signal }) => {
          signals.push(signal);
          return wait(id);
        },
      }),
    );
    now.push(delivery('a'));
    await turn();
    await end.drain(AbortSignal.abort());
    await end.close();
    expect(signals[0]?.aborted).toBe(true);
    open('a');
    await turn();
    expect([now.settled, now.faults]).toEqual([[], []]);
  });
});

describe('the counter of overlaps', () => {
  it.each(['lease', 'link', 'lease, then link', 'stop'])(
    'has handlers that ran on when they lost their message, once each: %s',
    async (by) => {
      const { wait, open } = gates();
      const bench = await consumerBench(handlerOf({ run: wait }), { concurrency: 2 });
      const { stats, turn } = bench;
      const lease = new AbortController();
      bench.now.push(...['a', 'b', 'c'].map((id) => delivery(id, { lease: lease.signal })));
      await turn();
      open('a'); // ends in time
      await turn();
      open('c');
      await turn();
      expect(stats).toMatchObject({ handled: 2, overlapped: 0 });
      bench.now.push(delivery('d', { lease: lease.signal }), delivery('e', { lease: lease.signal }));
      await turn();
      if (by.includes('lease')) lease.abort();
      if (by.includes('link')) await bench.reopen();
      if (by === 'stop') await bench.end.close();
      expect(stats).toMatchObject({ overlapped: 2 }); // b and d ran, e waited
      open('b');
      open('d');
      await turn();
      expect(stats).toMatchObject({ handled: 2, overlapped: 2, lost: by.includes('lease') ? 3 : 2 });
    },
  );
});
