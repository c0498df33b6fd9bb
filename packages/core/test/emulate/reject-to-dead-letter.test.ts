import { describe, expect, test } from 'vitest';
import { rejectToDeadLetter } from '../../src/emulate/reject-to-dead-letter.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE, type Verdict } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, fakeReceiver, message, settled, unreachable } from './fakes.js';

const deadLetter = {
  name: 'orders.shipping.dead',
  address: 'orders.shipping.dead',
  kind: 'queue',
  ordered: false,
  temporary: false,
  types: [],
  maxDelayMs: 0,
  priorities: 0,
} as const;
const REJECT: Verdict = { type: 'reject', reason: 'failed', error: 'no such sku', attempts: 5, first: 1_767_225_500_000 };

function setUp() {
  const clock = virtualClock();
  const inner = fakeReceiver();
  const copies: Message[] = [];
  const health: (string | undefined)[] = [];
  const broker: { publish: (copy: Message, signal: AbortSignal | undefined) => Promise<void> } = { publish: async () => {} };
  const receiver = rejectToDeadLetter(inner, {
    publish: async (copy, signal) => {
      await broker.publish(copy, signal);
      copies.push(copy);
    },
    deadLetter,
    channel: 'orders',
    group: 'shipping',
    clock,
    onStuck: (error) => health.push(error?.message),
  });
  return { clock, inner, copies, health, broker, receiver };
}

describe('rejectToDeadLetter', () => {
  test('leaves out what counted the attempts, so that whoever consumes dead letters begins at the first', async () => {
    const { copies, receiver } = setUp();
    const headers = { tenant: 'acme', 'omnibus-attempts': '5', 'omnibus-first': '1767225500000' };
    await receiver.settle([delivery({ headers })], { type: 'reject', reason: 'failed' });
    const { 'omnibus-dead': dead, ...others } = (copies[0] as Message).headers;
    expect(others).toEqual({ tenant: 'acme' });
    expect(JSON.parse(dead as string)).toMatchObject({ attempts: 5, first: new Date(1_767_225_500_000).toISOString() });
  });

  test('sends the message as it was, with one header more, and acks it once that is confirmed', async () => {
    const { inner, copies, broker, receiver } = setUp();
    let confirm = (): void => {};
    broker.publish = () => new Promise((resolve) => (confirm = resolve));
    const original = delivery({ delayMs: 5, expiresAt: 1_767_225_700_000, priority: 3 });
    const settle = receiver.settle([original], REJECT);
    await settled();
    expect(inner.log).toEqual([]);
    confirm();
    expect(await settle).toBe(NONE);
    expect(inner.log).toEqual(['ack m-1']);
    const { headers, ...rest } = copies[0] as Message;
    const { headers: before, ...expected } = message();
    expect(rest).toEqual({ ...expected, delayMs: 0, expiresAt: Number.POSITIVE_INFINITY, priority: 0 });
    const { 'omnibus-dead': dead, ...others } = headers;
    expect(others).toEqual(before);
    expect(JSON.parse(dead as string)).toEqual({
      reason: 'failed',
      error: 'no such sku',
      attempts: 5,
      channel: 'orders',
      group: 'shipping',
      first: '2025-12-31T23:58:20.000Z',
      last: '2026-01-01T00:00:00.000Z',
    });
  });

  test('takes attempts and first failure from the headers of a retried copy where the verdict does not say them', async () => {
    const { copies, receiver } = setUp();
    await receiver.settle([delivery({ headers: { 'omnibus-attempts': '3', 'omnibus-first': '1767225500000' } }), delivery()], {
      type: 'reject',
      reason: 'expired',
    });
    const [copied, fresh] = copies.map(({ headers }) => JSON.parse(headers['omnibus-dead'] as string) as object);
    expect(copied).toMatchObject({ attempts: 3, first: '2025-12-31T23:58:20.000Z' });
    expect(fresh).toMatchObject({ attempts: 1, first: '2026-01-01T00:00:00.000Z' });
  });

  test('names the earliest failure that is known, be it of a copy or in place', async () => {
    const { copies, receiver } = setUp();
    const before = [
      delivery({ headers: { 'omnibus-first': '1700000000000' } }),
      delivery({ headers: { 'omnibus-first': '1767225550000' } }),
    ];
    await receiver.settle(before, REJECT);
    const [copied, inPlace] = copies.map(({ headers }) => JSON.parse(headers['omnibus-dead'] as string) as object);
    expect(copied).toMatchObject({ first: '2023-11-14T22:13:20.000Z' });
    expect(inPlace).toMatchObject({ first: '2025-12-31T23:58:20.000Z' });
  });

  test('acks in one call what was confirmed together', async () => {
    const { inner, receiver } = setUp();
    await receiver.settle(deliveries('a', 'b', 'c'), REJECT);
    expect(inner.log).toEqual(['ack a,b,c']);
  });

  test('passes other verdicts on and copies nothing', async () => {
    const { inner, copies, receiver } = setUp();
    await receiver.settle(deliveries('a'), ACK);
    await receiver.settle(deliveries('a'), RELEASE);
    expect(inner.log).toEqual(['ack a', 'release a']);
    expect(copies).toEqual([]);
  });

  test('tries again after 1, 2, 4 … 30 s while the copy cannot be sent, keeps the message, and tells health until it could', async () => {
    const { clock, inner, copies, health, broker, receiver } = setUp();
    const tries: number[] = [];
    broker.publish = async () => {
      tries.push(clock.monotonic());
      throw unreachable();
    };
    const settle = receiver.settle([delivery()], REJECT);
    await clock.advance(100_000);
    expect(tries).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000]);
    expect(inner.log).toEqual([]);
    expect(health).toEqual([
      'Rejected messages of orders/shipping cannot be written to orders.shipping.dead: no confirm within 30000 ms. They stay on orders/shipping and are tried again.',
    ]);
    broker.publish = async () => {};
    await clock.advance(30_000);
    expect(await settle).toBe(NONE);
    expect(copies).toHaveLength(1);
    expect(inner.log).toEqual(['ack m-1']);
    expect(health).toHaveLength(2);
    expect(health[1]).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('health is down while at least one message is stuck', async () => {
    const { clock, health, broker, receiver } = setUp();
    const stuck = new Set(['a', 'b']);
    broker.publish = async ({ id }) => {
      if (stuck.has(id)) throw unreachable();
    };
    const settle = receiver.settle(deliveries('a', 'b', 'c'), REJECT);
    await clock.advance(500);
    expect(health).toHaveLength(1);
    stuck.delete('a');
    await clock.advance(1_000);
    expect(health).toHaveLength(1);
    stuck.delete('b');
    await clock.advance(2_000);
    await settle;
    expect(health).toHaveLength(2);
  });

  test('one that cannot be sent does not hold back the acks of the others', async () => {
    const { clock, inner, broker, receiver } = setUp();
    broker.publish = async ({ id }) => {
      if (id === 'a') throw new MessagingError('TOO_LARGE', 'too large');
    };
    void receiver.settle(deliveries('a', 'b', 'c'), REJECT);
    await clock.advance(10);
    expect(inner.log).toEqual(['ack b,c']);
  });

  test('stops with LOST, without another try, when the lease aborts', async () => {
    const { clock, inner, health, broker, receiver } = setUp();
    let tries = 0;
    broker.publish = async () => {
      tries++;
      throw unreachable();
    };
    const lease = new AbortController();
    const settle = receiver.settle([delivery({ lease: lease.signal })], REJECT);
    await clock.advance(1_500);
    lease.abort();
    expect(codes(await settle)).toEqual({ 0: 'LOST' });
    expect(tries).toBe(2);
    expect(inner.log).toEqual([]);
    expect(health.at(-1)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('does not wait for another try when the lease aborted during one', async () => {
    const { clock, broker, receiver } = setUp();
    const lease = new AbortController();
    broker.publish = async () => {
      lease.abort();
      throw unreachable();
    };
    const settle = receiver.settle([delivery({ lease: lease.signal })], REJECT);
    await settled();
    expect(clock.pending).toBe(0);
    expect(codes(await settle)).toEqual({ 0: 'LOST' });
  });

  test('stops with LOST when the lock has run out', async () => {
    const { clock, broker, receiver } = setUp();
    broker.publish = () => Promise.reject(unreachable());
    const settle = receiver.settle([delivery({ lockedUntil: 2_500 })], REJECT);
    await clock.advance(3_000);
    expect(codes(await settle)).toEqual({ 0: 'LOST' });
  });

  test('a message that is lost already is not copied', async () => {
    const { copies, receiver } = setUp();
    expect(codes(await receiver.settle([delivery({ lockedUntil: 0 })], REJECT))).toEqual({ 0: 'LOST' });
    expect(copies).toEqual([]);
  });

  test('close ends what is stuck with LOST, aborts a publish under way, leaves no timer, and closes the inner receiver', async () => {
    const { clock, inner, health, broker, receiver } = setUp();
    broker.publish = ({ id }, signal) =>
      id === 'waits'
        ? Promise.reject(unreachable())
        : new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new MessagingError('CLOSED', 'closed'))));
    const settle = receiver.settle(deliveries('waits', 'sends'), REJECT);
    await settled();
    await receiver.close();
    expect(codes(await settle)).toEqual({ 0: 'LOST', 1: 'LOST' });
    expect(inner.closed).toBe(1);
    expect(inner.log).toEqual([]);
    expect(health).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('an ack that fails is reported, and settling again only acks: there is one copy', async () => {
    const { inner, copies, receiver } = setUp();
    const [a, b] = deliveries('a', 'b') as [ReturnType<typeof delivery>, ReturnType<typeof delivery>];
    inner.answer = () => [{ index: 1, error: new MessagingError('THROTTLED', 'slow down') }];
    expect(codes(await receiver.settle([a, b], REJECT))).toEqual({ 1: 'THROTTLED' });
    inner.answer = () => NONE;
    expect(await receiver.settle([b], REJECT)).toBe(NONE);
    expect(copies.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(inner.log).toEqual(['ack a,b', 'ack b']);
  });

  test('an ack that throws fails every message that it was for', async () => {
    const { inner, receiver } = setUp();
    inner.answer = () => {
      throw new MessagingError('LOST', 'the link is gone');
    };
    expect(codes(await receiver.settle(deliveries('a', 'b'), REJECT))).toEqual({ 0: 'LOST', 1: 'LOST' });
  });
});
