import { describe, expect, test } from 'vitest';
import { MessagingError } from '../../src/transport/errors.js';
import { NONE, type Receiver } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { fakeReceiver, settled } from './fakes.js';
import { moverOf, parked } from './mover-fixture.js';

describe('a mover that holds messages for long', () => {
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
    const ends = moverOf(inner, { receiver });
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

  test('does not extend again while an extension is under way', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 20_000 }), parked('b', 10_000));
    let tries = 0;
    let clock = virtualClock();
    const receiver: Receiver = {
      ...inner,
      extend: async ([one]) => {
        tries++;
        await new Promise<void>((resolve) => void clock.timer(8_000, resolve));
        if (one !== undefined) one.lockedUntil = 100_000;
        return NONE;
      },
    };
    const ends = moverOf(inner, { receiver });
    clock = ends.clock;
    await clock.advance(20_000);
    expect(tries).toBe(1);
    await ends.mover.stop();
  });

  test('does not give back what is on its way', async () => {
    const inner = fakeReceiver(parked('a', 0, { lockedUntil: 30_000 }));
    const { clock, mover, target } = moverOf(inner);
    let confirm = (): void => {};
    target.forward = () =>
      new Promise((resolve) => {
        confirm = resolve;
      });
    await clock.advance(20_000);
    confirm();
    await settled();
    expect(inner.log).toEqual(['ack a']);
    await mover.stop();
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
    const { clock, mover, forwarded } = moverOf(inner, { receiver });
    await clock.advance(60_000);
    expect(tries).toBe(15);
    expect(forwarded).toEqual([]);
    expect(clock.pending).toBe(0);
    await mover.stop();
  });

  test('forgets what an extension finds lost: it takes no place and is not forwarded', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 40_000 }), parked('b', 30_000));
    const receiver: Receiver = { ...inner, extend: async () => [{ index: 0, error: new MessagingError('LOST', 'too late') }] };
    const { clock, mover, forwarded } = moverOf(inner, { window: 1, receiver });
    await clock.advance(60_000);
    expect(forwarded).toEqual(['b@30000']);
    await mover.stop();
  });

  test('gives a message back before its lock ends where locks cannot be extended', async () => {
    const inner = fakeReceiver(parked('a', 50_000, { lockedUntil: 30_000 }));
    const { clock, mover, forwarded } = moverOf(inner);
    await clock.advance(14_999);
    expect(inner.log).toEqual([]);
    await clock.advance(45_001);
    expect(inner.log).toEqual(['release a']);
    expect(forwarded).toEqual([]);
    await mover.stop();
  });

  test('forgets within 20 s what a lost lease took away', async () => {
    const lease = new AbortController();
    const inner = fakeReceiver(parked('a', 3_600_000, { lease: lease.signal }), parked('b', 0));
    const { clock, mover, forwarded } = moverOf(inner, { window: 1 });
    await settled();
    lease.abort();
    await clock.advance(20_000);
    expect(forwarded).toEqual(['b@20000']);
    expect(inner.log).toEqual(['ack b']);
    await mover.stop();
  });
});
