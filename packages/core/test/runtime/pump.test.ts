import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pump } from '../../src/runtime/pump.js';
import type { Delivery } from '../../src/transport/message.js';
import type { Receiver } from '../../src/transport/transport.js';
import { delivery } from './engine-fakes.js';

interface Call {
  readonly max: number;
  readonly answer: (count: number) => Promise<void>;
}

/** A pump on a receiver whose calls stay open until the test answers them. */
function bench({ window, calls, hungry = () => true }: { window: number; calls: number; hungry?: () => boolean }) {
  const open: Call[] = [];
  let held = 0;
  const receiver: Pick<Receiver, 'receive'> = {
    receive: (max, signal) =>
      new Promise<readonly Delivery[]>((resolve) => {
        const call: Call = {
          max,
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
    failed: (error) => {
      throw error;
    },
  });
  const settle = (count: number): void => {
    held -= count;
    pump.turn();
  };
  return { pump, open, settle, held: () => held };
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
