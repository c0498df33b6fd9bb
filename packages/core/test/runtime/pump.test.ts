import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pump } from '../../src/runtime/pump.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import type { Receiver } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery } from './engine-fakes.js';

const slow = new MessagingError('THROTTLED', 'slow down');

interface Call {
  readonly max: number;
  readonly fail: (error: MessagingError) => Promise<void>;
  readonly answer: (count: number) => Promise<void>;
}

/** A pump on a receiver whose calls stay open until the test answers them. */
function bench({ window, calls, hungry = () => true }: { window: number; calls: number; hungry?: () => boolean }) {
  const open: Call[] = [];
  const clock = virtualClock();
  const stuck: (string | undefined)[] = [];
  const failed: string[] = [];
  let held = 0;
  const receiver: Pick<Receiver, 'receive'> = {
    receive: (max, signal) =>
      new Promise<readonly Delivery[]>((resolve, reject) => {
        const call: Call = {
          max,
          async fail(error) {
            open.splice(open.indexOf(call), 1);
            reject(error);
            await new Promise((done) => setImmediate(done));
          },
          async answer(count) {
            open.splice(open.indexOf(call), 1);
            resolve(Array.from({ length: count }, (_, index) => delivery(String(index))));
            await new Promise((done) => setImmediate(done));
          },
        };
        open.push(call);
        signal.addEventListener('abort', () => void call.answer(0), { once: true });
      }),
  };
  const pump = new Pump({
    receiver: receiver as Receiver,
    window,
    held: () => held,
    hungry,
    batch: 10,
    calls,
    take: (deliveries) => void (held += deliveries.length),
    clock,
    stuck: (error) => void stuck.push(error?.code),
    failed: (error) => void failed.push(error.code),
  });
  const settle = (count: number): void => {
    held -= count;
    pump.turn();
  };
  return { pump, open, settle, held: () => held, clock, stuck, failed };
}

describe('the pump', () => {
  it('has one call open while nothing comes', async () => {
    const { pump, open } = bench({ window: 100, calls: 16 });
    pump.start();
    for (let polls = 0; polls < 3; polls++) {
      expect(open.map(({ max }) => max)).toEqual([10]);
      await open[0]?.answer(0);
    }
  });

  it('opens twice as many after each full one, up to what the broker takes, and one when there is nothing', async () => {
    const { pump, open } = bench({ window: 1_000, calls: 6 });
    pump.start();
    for (const expected of [2, 4, 6, 6]) {
      await open[0]?.answer(10);
      expect(open).toHaveLength(expected);
    }
    await open[0]?.answer(0);
    while (open.length > 1) await open[0]?.answer(3);
    await open[0]?.answer(3);
    expect(open).toHaveLength(1);
  });

  it('gives up one call after another while they bring little', async () => {
    const { pump, open } = bench({ window: 1_000, calls: 4 });
    pump.start();
    await open[0]?.answer(10);
    await open[0]?.answer(10);
    expect(open).toHaveLength(4);
    await open[0]?.answer(3);
    expect(open).toHaveLength(4); // enough to be worth it
    for (const expected of [3, 2, 1, 1]) {
      await open[0]?.answer(2);
      expect(open).toHaveLength(expected);
    }
  });

  it('asks for small rests only where handlers would starve', async () => {
    let starving = false;
    const { pump, open, settle } = bench({ window: 40, calls: 1, hungry: () => starving });
    pump.start();
    for (let full = 0; full < 4; full++) await open[0]?.answer(10);
    settle(9);
    expect(open).toHaveLength(0);
    starving = true;
    pump.turn();
    expect(open.map(({ max }) => max)).toEqual([9]);
  });

  it('pauses after a call that failed for the moment, longer each time, and keeps what is held', async () => {
    const { pump, open, held, clock, stuck, failed } = bench({ window: 100, calls: 16 });
    pump.start();
    await open[0]?.answer(10);
    expect(open).toHaveLength(2);
    await open[0]?.fail(slow);
    await open[0]?.fail(slow); // one pause for both
    expect([open.length, clock.pending]).toEqual([0, 1]);
    let waited = 0;
    for (let tries = 0; tries < 12; tries++) {
      for (; open.length === 0; waited++) await clock.advance(100);
      expect(open).toHaveLength(1);
      await open[0]?.fail(slow);
    }
    expect(waited).toBeGreaterThan(50);
    for (; open.length === 0; ) await clock.advance(100);
    await open[0]?.answer(10);
    expect([stuck.at(-1), held(), failed, open.length, clock.pending]).toEqual([undefined, 20, [], 2, 0]);
  });

  it('leaves a receiver that is gone to its link, and takes its pause with it when it stops', async () => {
    const { pump, open, clock, failed } = bench({ window: 100, calls: 16 });
    pump.start();
    await open[0]?.fail(slow);
    await pump.stop();
    expect([open.length, clock.pending]).toEqual([0, 0]);
    pump.start();
    await open[0]?.fail(new MessagingError('CONNECTION', 'gone'));
    expect([open.length, failed, clock.pending]).toEqual([0, ['CONNECTION'], 0]);
  });

  it('never has more held and asked for than the window, nor more calls than the broker takes, and none once it stopped', async () => {
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom('answer', 'settle'),
        which: fc.nat(),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 16 }), steps, async (window, calls, plan) => {
        const { pump, open, settle, held } = bench({ window, calls });
        pump.start();
        for (const { what, which, share } of plan) {
          const call = open[which % Math.max(1, open.length)];
          if (what === 'answer') await call?.answer(Math.round(call.max * share));
          else settle(Math.round(held() * share));
          expect(held() + open.reduce((sum, { max }) => sum + max, 0)).toBeLessThanOrEqual(window);
          expect(open.length).toBeLessThanOrEqual(calls);
          if (held() === 0) expect(open.length).toBeGreaterThan(0);
        }
        await pump.stop();
        settle(held());
        expect(open).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
