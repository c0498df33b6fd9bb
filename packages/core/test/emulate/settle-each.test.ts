import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, draw, fakeReceiver, settled } from './fakes.js';
import { received } from './settle-each-fixture.js';

describe('settleEach', () => {
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
