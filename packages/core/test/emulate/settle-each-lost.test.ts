import { describe, expect, test } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, never } from './fakes.js';
import { received, setUp } from './settle-each-fixture.js';

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
});
