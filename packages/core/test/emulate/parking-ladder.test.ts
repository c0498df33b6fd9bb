import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMover } from '../../src/emulate/mover.js';
import { parkingSender } from '../../src/emulate/parking.js';
import type { Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, draw, fakeReceiver, message, unreachable } from './fakes.js';

interface Broker {
  /** How long it delays by itself what is sent to the target. */
  readonly nativeMs: number;
  /** The same for what is sent to a parking channel. */
  readonly parkMs: number;
  readonly stepsMs: readonly number[];
}
const STEPS_MS = [1_000, 10_000, 60_000];
const brokers = fc.oneof(
  fc.constantFrom(0, 500, 5_000, 15_000).map((ms): Broker => ({ nativeMs: ms, parkMs: ms, stepsMs: STEPS_MS })),
  fc.constantFrom(0, 15_000).map((nativeMs): Broker => ({ nativeMs, parkMs: 15_000, stepsMs: [15_000] })),
);

/** A target behind parking channels, each with its mover. */
function ladder({ nativeMs, parkMs, stepsMs }: Broker, window: number, fault: () => 'ok' | 'fails' | 'unknown') {
  const clock = virtualClock();
  const arrivals: { readonly id: string; readonly at: number }[] = [];
  const steps = new Map(stepsMs.map((stepMs) => [stepMs, fakeReceiver()]));
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
    expect(copy.delayMs).toBeLessThanOrEqual(parkMs);
    later(copy.delayMs, () => steps.get(stepMs)?.give(delivery({ ...copy, delayMs: 0 })));
  };
  const sender = parkingSender(target, { target: 'orders.q', nativeMs, parkMs, stepsMs, publish, clock });
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
      fc.asyncProperty(sends, brokers, async (plan, broker) => {
        const ends = ladder(broker, 256, () => 'ok');
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
      fc.asyncProperty(sends, brokers, fc.constantFrom(1, 3, 256), faults, async (plan, broker, window, stream) => {
        const ends = ladder(broker, window, () => draw(stream));
        await run(plan, ends, 2_000_000);
        const seen = new Set(ends.arrivals.map(({ id }) => id));
        expect(seen.size).toBe(plan.length);
        for (const { id, at } of ends.arrivals) {
          const { at: sent, delayMs } = plan[Number(id)] as (typeof plan)[number];
          expect(at).toBeGreaterThanOrEqual(sent + delayMs);
        }
      }),
      { numRuns: 25 },
    );
  });
});
