import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMover } from '../../src/emulate/mover.js';
import { parkingSender } from '../../src/emulate/parking.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery, Message } from '../../src/transport/message.js';
import { NONE, type Receiver } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, type FakeReceiver, fakeReceiver, message, settled, unreachable } from './fakes.js';

const START = 1_767_225_600_000;

/** A message that leaves its step, and is due, so many ms after the start. */
const parked = (id: string, leave: number, over: Partial<Delivery> & { readonly due?: number } = {}): Delivery => {
  const { due = leave, ...rest } = over;
  return delivery({
    id,
    headers: {
      tenant: 'acme',
      'omnibus-leave': String(START + leave),
      'omnibus-due': String(START + due),
      'omnibus-to': 'orders.q',
    },
    ...rest,
  });
};

function setUp(inner: FakeReceiver, over: { readonly window?: number; readonly receiver?: Receiver } = {}) {
  const clock = virtualClock(START);
  const health: (string | undefined)[] = [];
  const forwarded: string[] = [];
  const target = { forward: async (_to: string, _message: Message): Promise<void> => {} };
  const mover = createMover(over.receiver ?? inner, {
    forward: async (to, one) => {
      forwarded.push(`${one.id}@${clock.monotonic()}`);
      await target.forward(to, one);
    },
    clock,
    limits: { receiveBatch: 100, settleBatch: 10 },
    lockMs: 30_000,
    ...(over.window === undefined ? {} : { window: over.window }),
    onStuck: (error) => health.push(error?.message),
  });
  mover.start();
  return { clock, mover, health, forwarded, target };
}

describe('a mover', () => {
  test('holds each message until its time on the step is over, forwards it as it was, and acks it once that is confirmed', async () => {
    const inner = fakeReceiver(parked('a', 5_000));
    const { clock, mover, forwarded, target } = setUp(inner);
    let confirm = (): void => {};
    let got: unknown;
    target.forward = (to, one) => {
      got = { to, one };
      return new Promise((resolve) => (confirm = resolve));
    };
    await clock.advance(4_999);
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
    const { clock, mover, target } = setUp(inner);
    let got: Message | undefined;
    target.forward = async (_, one) => void (got = one);
    await clock.advance(5_000);
    expect(got).toEqual(message({ id: 'a', delayMs: 2_000, headers: { tenant: 'acme', 'omnibus-due': String(START + 7_000) } }));
    await mover.stop();
  });

  test('lets messages leave in the order of their times, then of receipt, and acks in parts of the settle limit', async () => {
    const some = Array.from({ length: 12 }, (_, index) => parked(String(index), 3_000));
    const inner = fakeReceiver(parked('late', 4_000), ...some, parked('early', 2_000));
    const { clock, mover, forwarded } = setUp(inner);
    await clock.advance(4_000);
    expect(forwarded).toEqual(['early@2000', ...some.map(({ id }) => `${id}@3000`), 'late@4000']);
    expect(inner.log).toEqual(['ack early', 'ack 0,1,2,3,4,5,6,7,8,9', 'ack 10,11', 'ack late']);
    await mover.stop();
  });

  test('tries a failed forward again with backoff, tells health, and holds nobody else up', async () => {
    const inner = fakeReceiver(parked('a', 0), parked('b', 0), parked('c', 2_000));
    const { clock, mover, forwarded, health, target } = setUp(inner);
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
    const { clock, mover, forwarded } = setUp(inner);
    await settled();
    inner.answer = () => NONE;
    await clock.advance(1_000);
    expect(forwarded).toEqual(['a@0']);
    expect(inner.log).toEqual(['ack a', 'ack a']);
    await mover.stop();
  });

  test('holds no more than its window, and asks again when something has left', async () => {
    const inner = fakeReceiver(parked('a', 1_000), parked('b', 2_000), parked('c', 3_000));
    const { clock, mover, forwarded } = setUp(inner, { window: 2 });
    await clock.advance(500);
    expect(inner.asked).toEqual([2]);
    await clock.advance(500);
    expect(inner.asked).toEqual([2, 1]);
    await clock.advance(2_000);
    expect(forwarded).toEqual(['a@1000', 'b@2000', 'c@3000']);
    await mover.stop();
  });

  test('extends locks when half of them is left, once, in parts of the settle limit', async () => {
    const some = Array.from({ length: 12 }, (_, index) => parked(String(index), 50_000, { lockedUntil: 30_000 }));
    const inner = fakeReceiver(...some);
    const extended: string[] = [];
    let clock = virtualClock();
    const receiver: Receiver = {
      ...inner,
      extend: async (batch, ms) => {
        extended.push(`${batch.length}@${clock.monotonic()}+${ms}`);
        for (const one of batch) one.lockedUntil = clock.monotonic() + ms;
        return NONE;
      },
    };
    const ends = setUp(inner, { receiver });
    clock = ends.clock;
    await clock.advance(49_999);
    expect(extended).toEqual([
      '10@15000+30000',
      '2@15000+30000',
      '10@30000+30000',
      '2@30000+30000',
      '10@45000+30000',
      '2@45000+30000',
    ]);
    await clock.advance(1);
    expect(inner.log).toEqual(['ack 0,1,2,3,4,5,6,7,8,9', 'ack 10,11']);
    await ends.mover.stop();
  });

  test('tries a failed extension again once a second until the lock is over, then forgets the message', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 20_000 }));
    let tries = 0;
    const receiver: Receiver = {
      ...inner,
      extend: async () => {
        tries++;
        throw new MessagingError('THROTTLED', 'slow down');
      },
    };
    const { clock, mover, forwarded } = setUp(inner, { receiver });
    await clock.advance(60_000);
    expect(tries).toBe(15);
    expect(forwarded).toEqual([]);
    expect(clock.pending).toBe(0);
    await mover.stop();
  });

  test('forgets what an extension finds lost: it takes no place and is not forwarded', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 20_000 }), parked('b', 40_000));
    const receiver: Receiver = { ...inner, extend: async () => [{ index: 0, error: new MessagingError('LOST', 'too late') }] };
    const { clock, mover, forwarded } = setUp(inner, { window: 1, receiver });
    await clock.advance(60_000);
    expect(forwarded).toEqual(['b@40000']);
    await mover.stop();
  });

  test('gives a message back before its lock ends where locks cannot be extended', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 30_000 }));
    const { clock, mover, forwarded } = setUp(inner);
    await clock.advance(15_000);
    expect(inner.log).toEqual(['release a']);
    await clock.advance(45_000);
    expect(forwarded).toEqual([]);
    await mover.stop();
  });

  test('forgets within 20 s what a lost lease took away', async () => {
    const lease = new AbortController();
    const inner = fakeReceiver(parked('a', 3_600_000, { lease: lease.signal }), parked('b', 0));
    const { clock, mover, forwarded } = setUp(inner, { window: 1 });
    await settled();
    lease.abort();
    await clock.advance(20_000);
    expect(forwarded).toEqual(['b@20000']);
    expect(inner.log).toEqual(['ack b']);
    await mover.stop();
  });

  test('rejects what does not say where it belongs or when', async () => {
    const inner = fakeReceiver(
      delivery({ id: 'a' }),
      delivery({ id: 'b', headers: { 'omnibus-due': '1' } }),
      delivery({ id: 'c', headers: { 'omnibus-to': 'x' } }),
    );
    const { mover, forwarded, health } = setUp(inner);
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
    const { mover, health } = setUp(inner);
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
    const ends = setUp(inner, { receiver });
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
    const { clock, mover, forwarded, target } = setUp(inner);
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
    await clock.advance(60_000);
    expect(forwarded).toEqual(['a@0', 'stuck@0']);
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

/** A target behind a ladder of 1, 10 and 60 s, each step with its mover; the broker delays up to `nativeMs` by itself. */
function ladder(nativeMs: number, window: number, fault: () => 'ok' | 'fails' | 'unknown') {
  const clock = virtualClock(START);
  const arrivals: { readonly id: string; readonly at: number }[] = [];
  const steps = new Map([1_000, 10_000, 60_000].map((stepMs) => [stepMs, fakeReceiver()]));
  const later = (delayMs: number, act: () => void): void => void (delayMs === 0 ? act() : clock.timer(delayMs, act));
  const target = {
    send: async (batch: readonly Message[]) => {
      for (const one of batch) {
        expect(Object.keys(one.headers)).toEqual(['tenant']);
        expect(one.delayMs).toBeLessThanOrEqual(nativeMs);
        later(one.delayMs, () => arrivals.push({ id: one.id, at: clock.monotonic() }));
      }
      return NONE;
    },
    close: async () => {},
  };
  const publish = (stepMs: number) => async (copy: Message) => {
    expect(copy.delayMs).toBeLessThanOrEqual(nativeMs);
    later(copy.delayMs, () => steps.get(stepMs)?.give(delivery({ ...copy, delayMs: 0 })));
  };
  const sender = parkingSender(target, { target: 'orders.q', nativeMs, stepsMs: [...steps.keys()], publish, clock });
  const forward = async (_: string, one: Message): Promise<void> => {
    const happens = fault();
    if (happens === 'fails') throw unreachable();
    for (const { error } of await sender.send([one])) throw error;
    if (happens === 'unknown') throw unreachable();
  };
  const movers = [...steps.values()].map((receiver) =>
    createMover(receiver, {
      forward,
      clock,
      limits: { receiveBatch: 50, settleBatch: 10 },
      lockMs: 30_000,
      window,
      onStuck: () => {},
    }),
  );
  return { clock, arrivals, sender, movers };
}

const sends = fc.array(fc.record({ at: fc.integer({ min: 0, max: 30_000 }), delayMs: fc.integer({ min: 1, max: 150_000 }) }), {
  minLength: 1,
  maxLength: 12,
});

async function run(
  plan: readonly { readonly at: number; readonly delayMs: number }[],
  { clock, sender, movers }: ReturnType<typeof ladder>,
  end: number,
): Promise<void> {
  for (const mover of movers) mover.start();
  for (const [id, { at, delayMs }] of [...plan.entries()].sort(([, a], [, b]) => a.at - b.at)) {
    await clock.advance(at - clock.monotonic());
    expect(await sender.send([message({ id: String(id), delayMs })])).toBe(NONE);
  }
  await clock.advance(end);
  await Promise.all(movers.map((mover) => mover.stop()));
}

describe('parking and movers together', () => {
  test('deliver every message once, at the very ms that it is due, so in the order of due times', async () => {
    await fc.assert(
      fc.asyncProperty(sends, fc.constantFrom(0, 500, 5_000, 15_000), async (plan, nativeMs) => {
        const ends = ladder(nativeMs, 256, () => 'ok');
        await run(plan, ends, 200_000);
        const due = plan.map(({ at, delayMs }, id) => ({ id: String(id), at: at + delayMs }));
        const sort = (some: readonly { readonly id: string; readonly at: number }[]) =>
          [...some].sort((a, b) => a.at - b.at || Number(a.id) - Number(b.id));
        expect(ends.arrivals.map(({ at }) => at)).toEqual(ends.arrivals.map(({ at }) => at).sort((a, b) => a - b));
        expect(sort(ends.arrivals)).toEqual(sort(due));
      }),
      { numRuns: 25 },
    );
  });

  test('deliver every message, none early, where forwards fail, leave their outcome unknown, or the window is small', async () => {
    const faults = fc.infiniteStream(fc.constantFrom('ok' as const, 'ok' as const, 'fails' as const, 'unknown' as const));
    await fc.assert(
      fc.asyncProperty(
        sends,
        fc.constantFrom(0, 5_000),
        fc.constantFrom(1, 3, 256),
        faults,
        async (plan, nativeMs, window, stream) => {
          const ends = ladder(nativeMs, window, () => stream.next().value);
          await run(plan, ends, 2_000_000);
          const seen = new Set(ends.arrivals.map(({ id }) => id));
          expect(seen.size).toBe(plan.length);
          for (const { id, at } of ends.arrivals) {
            const { at: sent, delayMs } = plan[Number(id)] as (typeof plan)[number];
            expect(at).toBeGreaterThanOrEqual(sent + delayMs);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});
