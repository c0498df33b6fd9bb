import { describe, expect, it } from 'vitest';
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
