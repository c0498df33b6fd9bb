import { describe, expect, test } from 'vitest';
import { retryByCopy } from '../../src/emulate/retry-by-copy.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, deliveries, delivery, fakeReceiver, message, settled, unreachable } from './fakes.js';

function setUp({ stepMs = 0, maxDelayMs = 30_000 } = {}) {
  const clock = virtualClock();
  const inner = fakeReceiver();
  const copies: Message[] = [];
  const broker: { publish: (copy: Message, signal: AbortSignal | undefined) => Promise<void> } = { publish: async () => {} };
  const publish = async (copy: Message, signal?: AbortSignal): Promise<void> => {
    await broker.publish(copy, signal);
    copies.push(copy);
  };
  const receiver = retryByCopy(inner, { publish, clock, maxDelayMs, stepMs });
  return { clock, inner, copies, broker, receiver };
}

describe('retryByCopy', () => {
  test('sends the same message with its delay, the next attempt and when it first failed, and acks it once that is confirmed', async () => {
    const { clock, inner, copies, broker, receiver } = setUp();
    let confirm = (): void => {};
    broker.publish = () => new Promise((resolve) => (confirm = resolve));
    const settle = receiver.settle([delivery({ expiresAt: 1_767_225_700_000, priority: 3 })], {
      type: 'retry',
      delayMs: 1_500,
      attempts: 2,
    });
    await settled();
    expect(inner.log).toEqual([]);
    confirm();
    expect(await settle).toBe(NONE);
    expect(inner.log).toEqual(['ack m-1']);
    expect(copies).toEqual([
      message({
        expiresAt: 1_767_225_700_000,
        priority: 3,
        delayMs: 1_500,
        headers: { tenant: 'acme', 'omnibus-attempts': '3', 'omnibus-first': String(clock.now()) },
      }),
    ]);
  });

  test('counts on from the header where the verdict does not count, and keeps the first time', async () => {
    const { copies, receiver } = setUp();
    const before = { 'omnibus-attempts': '4', 'omnibus-first': '1700000000000' };
    await receiver.settle([delivery({ headers: before }), delivery({ headers: { 'omnibus-attempts': 'many' } })], {
      type: 'retry',
      delayMs: 0,
    });
    expect(copies.map(({ headers }) => headers['omnibus-attempts'])).toEqual(['5', '2']);
    expect(copies[0]?.headers['omnibus-first']).toBe('1700000000000');
  });

  test('rounds the delay up to the step and refuses one over the maximum', async () => {
    const { copies, inner, receiver } = setUp({ stepMs: 1_000 });
    await receiver.settle([delivery()], { type: 'retry', delayMs: 1_001 });
    expect(copies[0]?.delayMs).toBe(2_000);
    await expect(receiver.settle([delivery()], { type: 'retry', delayMs: 30_001 })).rejects.toMatchObject({ code: 'INVALID' });
    expect(copies).toHaveLength(1);
    expect(inner.log).toHaveLength(1);
  });

  test('takes a delay that was rounded up past the maximum before', async () => {
    const { copies, receiver } = setUp({ stepMs: 1_000, maxDelayMs: 1_500 });
    await receiver.settle([delivery()], { type: 'retry', delayMs: 2_000 });
    expect(copies[0]?.delayMs).toBe(2_000);
  });

  test('a copy that cannot be sent fails its entry as retryable and leaves the message unsettled', async () => {
    const { inner, broker, receiver } = setUp();
    const [a, b] = deliveries('a', 'b') as [ReturnType<typeof delivery>, ReturnType<typeof delivery>];
    broker.publish = async ({ id }) => {
      if (id === 'a') throw new MessagingError('NO_ROUTE', 'no queue');
    };
    const failures = await receiver.settle([a, b], { type: 'retry', delayMs: 0 });
    expect(failures).toMatchObject([{ index: 0, error: { code: 'NO_ROUTE', retryable: true } }]);
    expect(inner.log).toEqual(['ack b']);
    broker.publish = async () => {};
    expect(await receiver.settle([a], { type: 'retry', delayMs: 0 })).toBe(NONE);
    expect(inner.log).toEqual(['ack b', 'ack a']);
  });

  test("a publisher's lost link is not reported as the receiver's", async () => {
    const { broker, receiver } = setUp();
    broker.publish = () => Promise.reject(new MessagingError('CONNECTION', 'gone'));
    expect(codes(await receiver.settle([delivery()], { type: 'retry', delayMs: 0 }))).toEqual({ 0: 'TIMEOUT' });
  });

  test('what is lost is not copied, nor settled', async () => {
    const { copies, inner, broker, receiver } = setUp();
    expect(codes(await receiver.settle([delivery({ lockedUntil: 0 })], { type: 'retry', delayMs: 0 }))).toEqual({ 0: 'LOST' });
    const lease = new AbortController();
    broker.publish = async () => {
      lease.abort();
      throw unreachable();
    };
    expect(codes(await receiver.settle([delivery({ lease: lease.signal })], { type: 'retry', delayMs: 0 }))).toEqual({
      0: 'LOST',
    });
    expect(copies).toEqual([]);
    expect(inner.log).toEqual([]);
  });

  test('an ack that fails is reported, and settling again only acks: there is one copy', async () => {
    const { inner, copies, receiver } = setUp();
    const one = delivery();
    inner.answer = () => [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }];
    expect(codes(await receiver.settle([one], { type: 'retry', delayMs: 0 }))).toEqual({ 0: 'THROTTLED' });
    inner.answer = () => NONE;
    expect(await receiver.settle([one], { type: 'retry', delayMs: 0 })).toBe(NONE);
    expect(copies).toHaveLength(1);
  });

  test('close aborts a publish under way: LOST', async () => {
    const { inner, broker, receiver } = setUp();
    broker.publish = (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(unreachable())));
    const settle = receiver.settle([delivery()], { type: 'retry', delayMs: 0 });
    await receiver.close();
    expect(codes(await settle)).toEqual({ 0: 'LOST' });
    expect(inner.closed).toBe(1);
  });

  test('passes other verdicts on', async () => {
    const { inner, copies, receiver } = setUp();
    await receiver.settle([delivery()], ACK);
    await receiver.settle([delivery()], RELEASE);
    await receiver.settle([delivery()], { type: 'reject', reason: 'no' });
    expect(inner.log).toEqual(['ack m-1', 'release m-1', 'reject m-1']);
    expect(copies).toEqual([]);
  });
});
