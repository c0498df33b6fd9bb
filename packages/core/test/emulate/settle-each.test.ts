import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, draw, fakeReceiver, never, settled } from './fakes.js';

function setUp(some: readonly Delivery[], window = 100) {
  const clock = virtualClock();
  const inner = fakeReceiver(...some);
  return { clock, inner, receiver: settleEach(inner, { window, clock }) };
}

async function received(some: readonly Delivery[], window?: number) {
  const ends = setUp(some, window);
  const batch = await ends.receiver.receive(100, never);
  expect(batch).toEqual(some);
  return ends;
}

describe('settleEach', () => {
  test('forgets what was done and not committed when the position is moved, and begins anew behind it', async () => {
    const [lease, next] = [new AbortController(), new AbortController()];
    const [a, b, c] = ['a', 'b', 'c'].map((id) => delivery({ id, lease: lease.signal })) as [Delivery, Delivery, Delivery];
    const { inner } = setUp([a, b, c]);
    inner.seek = async () => {
      lease.abort();
      return ['0'];
    };
    const receiver = settleEach(inner, { window: 3, clock: virtualClock() });
    await receiver.receive(3, never);
    await receiver.settle([b, c], ACK);
    expect(await receiver.seek?.('first')).toEqual(['0']);
    expect(codes(await receiver.settle([a], ACK))).toEqual({ 0: 'LOST' });
    const again = delivery({ id: 'a', lease: next.signal });
    inner.give(again);
    expect(await receiver.receive(3, never)).toEqual([again]);
    await receiver.settle([again], ACK);
    await receiver.close();
    expect(inner.log).toEqual(['ack a']);
  });

  test('commits nothing before the oldest message is done, then the whole prefix at once', async () => {
    const [a, b, c, d] = deliveries('a', 'b', 'c', 'd') as [Delivery, Delivery, Delivery, Delivery];
    const { inner, receiver } = await received([a, b, c, d]);
    expect(await receiver.settle([c], ACK)).toBe(NONE);
    expect(await receiver.settle([b], ACK)).toBe(NONE);
    expect(inner.log).toEqual([]);
    expect(await receiver.settle([a], ACK)).toBe(NONE);
    expect(inner.log).toEqual(['ack a,b,c']);
    await receiver.settle([d], ACK);
    expect(inner.log).toEqual(['ack a,b,c', 'ack d']);
  });

  test('keeps partitions apart, one call for each', async () => {
    const batch = [
      delivery({ id: 'a0', partition: '0' }),
      delivery({ id: 'b0', partition: '1' }),
      delivery({ id: 'a1', partition: '0' }),
    ];
    const { inner, receiver } = await received(batch);
    await receiver.settle(batch.slice(1), ACK);
    expect(inner.log).toEqual(['ack b0']);
    await receiver.settle(batch.slice(0, 1), ACK);
    expect(inner.log).toEqual(['ack b0', 'ack a0,a1']);
  });

  test('commits one after another, and what became done meanwhile goes in one call', async () => {
    const [a, b, c] = deliveries('a', 'b', 'c') as [Delivery, Delivery, Delivery];
    const { inner, receiver } = await received([a, b, c]);
    let confirm = (): void => {};
    inner.answer = () => new Promise((resolve) => (confirm = () => resolve(NONE)));
    const first = receiver.settle([a], ACK);
    const second = receiver.settle([b], ACK);
    const third = receiver.settle([c], ACK);
    await settled();
    expect(inner.log).toEqual(['ack a']);
    confirm();
    await first;
    await settled();
    expect(inner.log).toEqual(['ack a', 'ack b,c']);
    confirm();
    expect(await Promise.all([second, third])).toEqual([NONE, NONE]);
  });

  test('a settle that is in the commit fails with it, and settling again commits what was held as well', async () => {
    const [a, b] = deliveries('a', 'b') as [Delivery, Delivery];
    const { inner, receiver } = await received([a, b]);
    await receiver.settle([b], ACK);
    inner.answer = () => [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }];
    expect(codes(await receiver.settle([a], ACK))).toEqual({ 0: 'THROTTLED' });
    inner.answer = () => NONE;
    expect(await receiver.settle([a], ACK)).toBe(NONE);
    expect(inner.log).toEqual(['ack a,b', 'ack a,b']);
  });

  test('a failure in the middle of a prefix keeps what comes from there on', async () => {
    const [a, b, c] = deliveries('a', 'b', 'c') as [Delivery, Delivery, Delivery];
    const { inner, receiver } = await received([a, b, c]);
    inner.answer = () => [{ index: 1, error: new MessagingError('THROTTLED', 'slow down') }];
    expect(codes(await receiver.settle([a, b, c], ACK))).toEqual({ 1: 'THROTTLED', 2: 'THROTTLED' });
    inner.answer = () => NONE;
    await receiver.settle([b], ACK);
    expect(inner.log).toEqual(['ack a,b,c', 'ack b,c']);
  });

  test('a throw of the inner receiver becomes a failure of each message in the commit', async () => {
    const [a, b] = [delivery({ id: 'a', partition: '0' }), delivery({ id: 'b', partition: '1' })];
    const { inner, receiver } = await received([a, b]);
    inner.answer = ([first]) => {
      if (first === a) throw new MessagingError('LOST', 'the link is gone');
      return NONE;
    };
    expect(codes(await receiver.settle([a, b], ACK))).toEqual({ 0: 'LOST' });
    expect(codes(await receiver.settle([a], ACK))).toEqual({ 0: 'LOST' });
    expect(inner.log).toHaveLength(2);
  });

  test('settling a second time is no error and settles nothing twice', async () => {
    const [a, b] = deliveries('a', 'b') as [Delivery, Delivery];
    const { inner, receiver } = await received([a, b]);
    await receiver.settle([a], ACK);
    expect(await receiver.settle([a], ACK)).toBe(NONE);
    expect(await receiver.settle([a], RELEASE)).toBe(NONE);
    expect(inner.log).toEqual(['ack a']);
  });

  test('a message that is acked, though not committed yet, is not given back by a release', async () => {
    const [a, b] = deliveries('a', 'b') as [Delivery, Delivery];
    const { inner, receiver } = await received([a, b]);
    await receiver.settle([b], ACK);
    expect(await receiver.settle([b], RELEASE)).toBe(NONE);
    await receiver.settle([a], ACK);
    expect(inner.log).toEqual(['ack a,b']);
  });

  test('after the lease aborted every settle of it is LOST and nothing is committed', async () => {
    const lease = new AbortController();
    const batch = [delivery({ id: 'a', lease: lease.signal }), delivery({ id: 'b', lease: lease.signal })];
    const { inner, receiver } = await received(batch);
    await receiver.settle(batch.slice(1), ACK);
    lease.abort();
    expect(codes(await receiver.settle(batch, ACK))).toEqual({ 0: 'LOST', 1: 'LOST' });
    expect(codes(await receiver.settle(batch, RELEASE))).toEqual({ 0: 'LOST', 1: 'LOST' });
    expect(inner.log).toEqual([]);
  });

  test('a new lease on a partition begins anew: what the old one left does not hold it up', async () => {
    const old = delivery({ id: 'old', partition: '0', lease: new AbortController().signal });
    const { inner, receiver } = await received([old]);
    const fresh = delivery({ id: 'new', partition: '0', lease: new AbortController().signal });
    inner.give(fresh);
    await receiver.receive(10, never);
    expect(codes(await receiver.settle([old], ACK))).toEqual({ 0: 'LOST' });
    await receiver.settle([fresh], ACK);
    expect(inner.log).toEqual(['ack new']);
  });

  test('a release gives back the partition from that message on; what comes before is still committed', async () => {
    const [a, b, c] = deliveries('a', 'b', 'c') as [Delivery, Delivery, Delivery];
    const { inner, receiver } = await received([a, b, c]);
    await receiver.settle([c], ACK);
    expect(await receiver.settle([b], RELEASE)).toBe(NONE);
    expect(codes(await receiver.settle([c], ACK))).toEqual({ 0: 'LOST' });
    await receiver.settle([a], ACK);
    expect(inner.log).toEqual(['release b,c', 'ack a']);
  });

  test('while a release has failed nothing beyond it is committed, and it can be tried again', async () => {
    const [a, b] = deliveries('a', 'b') as [Delivery, Delivery];
    const { inner, receiver } = await received([a, b]);
    inner.answer = (_, { type }) =>
      type === 'release' ? [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }] : NONE;
    expect(codes(await receiver.settle([a], RELEASE))).toEqual({ 0: 'THROTTLED' });
    expect(codes(await receiver.settle([b], ACK))).toEqual({ 0: 'LOST' });
    const [late] = deliveries('late') as [Delivery];
    inner.give(late);
    await receiver.receive(10, never);
    await receiver.settle([late], ACK);
    expect(inner.log).toEqual(['release a,b']);
    inner.answer = () => NONE;
    expect(await receiver.settle([a], RELEASE)).toBe(NONE);
    expect(inner.log).toEqual(['release a,b', 'release a,b,late']);
  });

  test('what is delivered again while a release is under way is not taken for given back', async () => {
    const [a] = deliveries('a') as [Delivery];
    const { inner, receiver } = await received([a]);
    let confirm = (): void => {};
    inner.answer = () => new Promise((resolve) => (confirm = () => resolve(NONE)));
    const release = receiver.settle([a], RELEASE);
    const [again] = deliveries('a') as [Delivery];
    inner.give(again);
    await receiver.receive(10, never);
    confirm();
    await release;
    inner.answer = () => NONE;
    expect(await receiver.settle([again], ACK)).toBe(NONE);
    expect(inner.log).toEqual(['release a', 'ack a']);
  });

  test('never holds more than its window: it asks for what is left, then waits until something is committed', async () => {
    const [a, b, c] = deliveries('a', 'b', 'c') as [Delivery, Delivery, Delivery];
    const { clock, inner, receiver } = setUp([a, b, c], 2);
    expect(await receiver.receive(10, never)).toEqual([a, b]);
    await receiver.settle([b], ACK);
    const more = receiver.receive(10, never);
    await settled();
    expect(inner.asked).toEqual([2]);
    await receiver.settle([a], ACK);
    expect(await more).toEqual([c]);
    expect(clock.pending).toBe(0);
  });

  test('a full window gives empty after 20 s, and at once when the signal aborts or the receiver closes', async () => {
    const { clock, inner, receiver } = await received(deliveries('a'), 1);
    const waits = receiver.receive(10, never);
    await clock.advance(20_000);
    expect(await waits).toEqual([]);
    const stop = new AbortController();
    const aborted = receiver.receive(10, stop.signal);
    stop.abort();
    expect(await aborted).toEqual([]);
    const closed = receiver.receive(10, never);
    await receiver.close();
    expect(await closed).toEqual([]);
    expect(inner.asked).toEqual([1]);
    expect(clock.pending).toBe(0);
  });

  test('a partition that was taken away frees its place in the window', async () => {
    const lease = new AbortController();
    const { inner, receiver } = await received([delivery({ id: 'a', lease: lease.signal })], 1);
    lease.abort();
    inner.give(delivery({ id: 'b' }));
    expect(await receiver.receive(10, never)).toHaveLength(1);
  });

  test('close waits 5 s for commits that nobody answers, and leaves no timer where they are', async () => {
    const [a, b] = deliveries('a', 'b') as [Delivery, Delivery];
    const { clock, inner, receiver } = await received([a, b]);
    let answer = (): void => {};
    inner.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve(NONE);
      });
    const acked = receiver.settle([a], ACK);
    const queued = receiver.settle([b], ACK);
    const closed = receiver.close();
    await clock.advance(4_999);
    expect(inner.closed).toBe(0);
    await clock.advance(1);
    await closed;
    expect(inner.closed).toBe(1);
    inner.answer = () => NONE;
    answer();
    expect([await acked, await queued]).toEqual([NONE, NONE]);
    expect(clock.pending).toBe(0);
  });

  test('close gives a failed commit a last try, then closes the inner receiver', async () => {
    const [a] = deliveries('a') as [Delivery];
    const { inner, receiver } = await received([a]);
    inner.answer = () => [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }];
    await receiver.settle([a], ACK);
    inner.answer = () => {
      expect(inner.closed).toBe(0);
      return NONE;
    };
    await receiver.close();
    expect(inner.log).toEqual(['ack a', 'ack a']);
    expect(inner.closed).toBe(1);
  });

  test('refuses retry and reject, which a log cannot do', async () => {
    const { receiver } = await received(deliveries('a'));
    await expect(receiver.settle([], { type: 'retry', delayMs: 1 })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(receiver.settle([], { type: 'reject', reason: 'no' })).rejects.toMatchObject({ code: 'INVALID' });
  });

  test('has extend exactly where the inner receiver has it', () => {
    const clock = virtualClock();
    expect('extend' in settleEach(fakeReceiver(), { window: 1, clock })).toBe(false);
    const extending = { ...fakeReceiver(), extend: async () => NONE };
    expect(settleEach(extending, { window: 1, clock }).extend).toBeTypeOf('function');
  });

  test('for any order of settles and any failing commits: no commit passes an unfinished message, and all is committed in the end', async () => {
    const plan = fc.record({
      partitions: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 }),
      order: fc.infiniteStream(fc.nat()),
      batches: fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
      faults: fc.infiniteStream(fc.constantFrom('ok', 'ok', 'fails', 'throws')),
      waits: fc.infiniteStream(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ partitions, order, batches, faults, waits }) => {
        const all = partitions.map((partition, index) => delivery({ id: String(index), partition: String(partition) }));
        const { inner, receiver } = await received(all);
        const done = new Set<Delivery>();
        const committed = new Map<string, Delivery[]>();
        let healed = false;
        inner.answer = async (batch) => {
          const partition = batch[0]?.partition as string;
          const before = committed.get(partition) ?? [];
          const expected = all.filter((one) => one.partition === partition).slice(before.length, before.length + batch.length);
          expect(batch).toEqual(expected);
          for (const one of batch) expect(done.has(one)).toBe(true);
          if (draw(waits)) await settled();
          const fault = healed ? 'ok' : draw(faults);
          if (fault === 'throws') throw new MessagingError('THROTTLED', 'no');
          if (fault === 'fails') return batch.map((_, index) => ({ index, error: new MessagingError('THROTTLED', 'no') }));
          committed.set(partition, [...before, ...batch]);
          return NONE;
        };
        const failed: Delivery[] = [];
        const calls: Promise<unknown>[] = [];
        const left = [...all];
        const settle = async (batch: readonly Delivery[]): Promise<void> => {
          for (const one of batch) done.add(one);
          for (const { index } of await receiver.settle(batch, ACK)) failed.push(batch[index] as Delivery);
        };
        while (left.length > 0) {
          const size = Math.min(draw(batches), left.length);
          const batch = Array.from({ length: size }, () => left.splice(draw(order) % left.length, 1)[0] as Delivery);
          calls.push(settle(batch));
        }
        await Promise.all(calls);
        healed = true;
        while (failed.length > 0) await settle(failed.splice(0, 2));
        expect([...committed.values()].flat()).toHaveLength(all.length);
        await receiver.close();
      }),
      { numRuns: 150 },
    );
  });
});
