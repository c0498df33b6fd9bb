import { describe, expect, test } from 'vitest';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK } from '../../src/transport/verdict.js';
import { deliveries, delivery, never, settled } from './fakes.js';
import { received, setUp } from './settle-each-fixture.js';

describe('settleEach', () => {
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
});
