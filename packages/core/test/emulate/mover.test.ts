import { describe, expect, test } from 'vitest';
import { createMover } from '../../src/emulate/mover.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { NONE, type Receiver } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, fakeReceiver, message, settled, unreachable } from './fakes.js';
import { moverOf, parked, START } from './mover-fixture.js';

describe('a mover', () => {
  test('holds each message until its time on the step is over, forwards it as it was, and acks it once that is confirmed', async () => {
    const inner = fakeReceiver(parked('a', 5_000));
    const { clock, mover, forwarded, target } = moverOf(inner);
    let confirm = (): void => {};
    let got: unknown;
    target.forward = (to, one) => {
      got = { to, one };
      return new Promise((resolve) => (confirm = resolve));
    };
    await clock.advance(4_999);
    inner.give(parked('b', 9_000)); // it looks at what it holds, a ms too early for the first
    await settled();
    expect(forwarded).toEqual([]);
    await clock.advance(1);
    expect(got).toEqual({ to: 'orders.q', one: message({ id: 'a' }) });
    expect(inner.log).toEqual([]);
    confirm();
    await settled();
    expect(inner.log).toEqual(['ack a']);
    await mover.stop();
  });

  test('forwards with what is left of the delay, and the time that it is due, while that has not come', async () => {
    const inner = fakeReceiver(parked('a', 5_000, { due: 7_000 }));
    const { clock, mover, target } = moverOf(inner);
    let got: Message | undefined;
    target.forward = async (_, one) => {
      got = one;
    };
    await clock.advance(5_000);
    expect(got).toEqual(message({ id: 'a', delayMs: 2_000, headers: { tenant: 'acme', 'omnibus-due': String(START + 7_000) } }));
    await mover.stop();
  });

  test('lets messages leave in the order of their times, then of receipt, and acks in parts of the settle limit', async () => {
    const some = Array.from({ length: 12 }, (_, index) => parked(String(index), 3_000));
    const inner = fakeReceiver(parked('late', 4_000), ...some, parked('early', 2_000));
    const { clock, mover, forwarded } = moverOf(inner);
    await clock.advance(4_000);
    expect(forwarded).toEqual(['early@2000', ...some.map(({ id }) => `${id}@3000`), 'late@4000']);
    expect(inner.log).toEqual(['ack early', 'ack 0,1,2,3,4,5,6,7,8,9', 'ack 10,11', 'ack late']);
    await mover.stop();
  });

  test('tries a failed forward again with backoff, tells health, and holds nobody else up', async () => {
    const inner = fakeReceiver(parked('a', 0), parked('b', 0), parked('c', 2_000));
    const { clock, mover, forwarded, health, target } = moverOf(inner);
    target.forward = async (_, { id }) => {
      if (id === 'a') throw unreachable();
    };
    await clock.advance(4_000);
    expect(forwarded).toEqual(['a@0', 'b@0', 'a@1000', 'c@2000', 'a@3000']);
    expect(inner.log).toEqual(['ack b', 'ack c']);
    expect(health).toEqual([
      'Delayed messages cannot be moved on: no confirm within 30000 ms. They stay parked and are tried again.',
    ]);
    target.forward = async () => {};
    await clock.advance(4_000);
    expect(inner.log).toEqual(['ack b', 'ack c', 'ack a']);
    expect(health).toHaveLength(2);
    expect(health[1]).toBeUndefined();
    await mover.stop();
  });

  test('where only the ack failed, repeats only the ack', async () => {
    const inner = fakeReceiver(parked('a', 0));
    inner.answer = () => [{ index: 0, error: new MessagingError('THROTTLED', 'slow down') }];
    const { clock, mover, forwarded } = moverOf(inner);
    await settled();
    inner.answer = () => NONE;
    await clock.advance(1_000);
    expect(forwarded).toEqual(['a@0']);
    expect(inner.log).toEqual(['ack a', 'ack a']);
    await mover.stop();
  });

  test('holds no more than its window, and asks again when something has left', async () => {
    const inner = fakeReceiver(parked('a', 1_000), parked('b', 2_000), parked('c', 3_000));
    const { clock, mover, forwarded } = moverOf(inner, { window: 2 });
    await clock.advance(500);
    expect(inner.asked).toEqual([2]);
    await clock.advance(500);
    expect(inner.asked).toEqual([2, 1]);
    await clock.advance(2_000);
    expect(forwarded).toEqual(['a@1000', 'b@2000', 'c@3000']);
    await mover.stop();
  });

  test('rejects what does not say where it belongs or when', async () => {
    const inner = fakeReceiver(
      delivery({ id: 'a' }),
      delivery({ id: 'b', headers: { 'omnibus-due': '1' } }),
      delivery({ id: 'c', headers: { 'omnibus-to': 'x' } }),
    );
    const { mover, forwarded, health } = moverOf(inner);
    await settled();
    expect(inner.log).toEqual(['reject a', 'reject b', 'reject c']);
    expect(forwarded).toEqual([]);
    expect(health).toEqual([]);
    await mover.stop();
  });

  test('tells health for good where it cannot even be rejected', async () => {
    const inner = fakeReceiver(delivery());
    inner.answer = () => {
      throw new MessagingError('INVALID', 'not here');
    };
    const { mover, health } = moverOf(inner);
    await settled();
    expect(health).toHaveLength(1);
    await mover.stop();
    expect(health).toHaveLength(1);
  });

  test('asks a receiver that fails again with backoff and tells health until it answers', async () => {
    const inner = fakeReceiver();
    const asked: number[] = [];
    let down = true;
    let clock = virtualClock();
    const receiver: Receiver = {
      ...inner,
      receive: async (max, signal) => {
        asked.push(clock.monotonic());
        if (down) throw new MessagingError('CONNECTION', 'gone');
        return inner.receive(max, signal);
      },
    };
    const ends = moverOf(inner, { receiver });
    clock = ends.clock;
    await clock.advance(3_000);
    expect(asked).toEqual([0, 1_000, 3_000]);
    expect(ends.health).toHaveLength(1);
    down = false;
    inner.give(parked('a', 0));
    await clock.advance(4_000);
    expect(inner.log).toEqual(['ack a']);
    expect(ends.health).toHaveLength(2);
    await ends.mover.stop();
  });

  test('stop waits for what is on its way, settles nothing else, leaves no timer, and closes the receiver once', async () => {
    const inner = fakeReceiver(parked('a', 0), parked('stuck', 0), parked('b', 5_000));
    const { clock, mover, forwarded, target } = moverOf(inner);
    let confirm = (): void => {};
    target.forward = (_, { id }) =>
      id === 'stuck' ? Promise.reject(unreachable()) : new Promise((resolve) => (confirm = resolve));
    await settled();
    const stopped = Promise.all([mover.stop(), mover.stop()]);
    await settled();
    expect(inner.closed).toBe(0);
    confirm();
    await stopped;
    expect(inner.closed).toBe(1);
    expect(inner.log).toEqual(['ack a']);
    expect(clock.pending).toBe(0);
    expect(forwarded).toEqual(['a@0', 'stuck@0']);
  });

  test('stop closes the receiver only when it is not being asked any more', async () => {
    const inner = fakeReceiver(parked('held', 5_000));
    const order: string[] = [];
    const receiver: Receiver = {
      ...inner,
      receive: async (max, signal) => {
        const batch = await inner.receive(max, signal);
        await settled();
        order.push('received');
        if (signal.aborted) throw new MessagingError('CLOSED', 'closed');
        return batch;
      },
      close: async () => void order.push('closed'),
    };
    const { clock, mover } = moverOf(inner, { receiver });
    await settled();
    await settled();
    await mover.stop();
    expect(order).toEqual(['received', 'received', 'closed']);
    expect(clock.pending).toBe(0);
  });

  test('stop before start closes the receiver', async () => {
    const inner = fakeReceiver();
    const clock = virtualClock();
    const mover = createMover(inner, {
      forward: async () => {},
      clock,
      limits: { receiveBatch: 1, settleBatch: 1 },
      lockMs: 1,
      onStuck: () => {},
    });
    await mover.stop();
    expect(inner.closed).toBe(1);
    expect(inner.asked).toEqual([]);
  });
});
