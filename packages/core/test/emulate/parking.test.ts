import { describe, expect, test } from 'vitest';
import { PARKING_STEPS_MS, parkingSender } from '../../src/emulate/parking.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { codes, fakeSender, message, unreachable } from './fakes.js';

function setUp(nativeMs = 0, stepsMs = PARKING_STEPS_MS, parkMs = nativeMs) {
  const clock = virtualClock();
  const inner = fakeSender();
  const parked: (readonly [stepMs: number, copy: Message])[] = [];
  const broker = { publish: async (_: Message): Promise<void> => {} };
  const sender = parkingSender(inner, {
    target: 'orders.q',
    nativeMs,
    parkMs,
    stepsMs,
    clock,
    publish: (stepMs) => async (copy) => {
      await broker.publish(copy);
      parked.push([stepMs, copy]);
    },
  });
  return { clock, inner, parked, broker, sender };
}

/** Where a delay goes: its step, when it leaves that step, and what the broker delays by itself, in ms from now. */
async function placeOf(delayMs: number, nativeMs = 0, stepsMs = PARKING_STEPS_MS, parkMs = nativeMs) {
  const { clock, inner, parked, sender } = setUp(nativeMs, stepsMs, parkMs);
  expect(await sender.send([message({ delayMs })])).toBe(NONE);
  const [stepMs, copy] = parked[0] ?? [0, undefined];
  if (copy === undefined) return inner.sent.map((sent) => ({ direct: sent.delayMs }))[0];
  expect(copy.headers['omnibus-due']).toBe(String(clock.now() + delayMs));
  expect(copy.headers['omnibus-to']).toBe('orders.q');
  return { stepMs, leave: Number(copy.headers['omnibus-leave']) - clock.now(), native: copy.delayMs };
}

describe('parkingSender', () => {
  test('sends what has no delay as it is', async () => {
    const { inner, parked, sender } = setUp();
    const batch = [message({ id: 'a' }), message({ id: 'b' })];
    let given: readonly Message[] = [];
    inner.answer = (some) => {
      given = some;
      return NONE;
    };
    expect(await sender.send(batch)).toBe(NONE);
    expect(given).toBe(batch);
    expect(parked).toEqual([]);
  });

  test('parks on the largest step that is not longer than the delay, or else on the smallest', async () => {
    expect(await placeOf(90_000)).toEqual({ stepMs: 60_000, leave: 60_000, native: 0 });
    expect(await placeOf(60_000)).toEqual({ stepMs: 60_000, leave: 60_000, native: 0 });
    expect(await placeOf(59_999)).toMatchObject({ stepMs: 10_000, leave: 10_000 });
    expect(await placeOf(200_000_000)).toMatchObject({ stepMs: 43_200_000 });
    expect(await placeOf(300)).toEqual({ stepMs: 1_000, leave: 300, native: 0 });
  });

  test('waits on a step for a rest that is shorter than every step', async () => {
    expect(await placeOf(10_400)).toMatchObject({ stepMs: 10_000, leave: 10_400 });
    expect(await placeOf(11_000)).toMatchObject({ stepMs: 10_000, leave: 10_000 });
  });

  test('leaves to the broker what it can delay by itself, and lets it carry the hops', async () => {
    expect(await placeOf(900_000, 900_000)).toEqual({ direct: 900_000 });
    expect(await placeOf(900_001, 900_000, [900_000])).toEqual({ stepMs: 900_000, leave: 900_000, native: 900_000 });
    expect(await placeOf(10_400, 500)).toMatchObject({ stepMs: 10_000, leave: 10_000, native: 500 });
    expect(await placeOf(700, 500)).toEqual({ stepMs: 1_000, leave: 700, native: 500 });
  });

  test('lets the broker of one parking channel delay each message by itself, for a target that cannot', async () => {
    const place = (delayMs: number) => placeOf(delayMs, 0, [900_000], 900_000);
    expect(await place(5_000)).toEqual({ stepMs: 900_000, leave: 5_000, native: 5_000 });
    expect(await place(1_500_000)).toEqual({ stepMs: 900_000, leave: 900_000, native: 900_000 });
    expect(await place(600_000)).toEqual({ stepMs: 900_000, leave: 600_000, native: 600_000 });
  });

  test('the copy is the message, so that its target gets it as it was', async () => {
    const { parked, sender } = setUp();
    const original = message({ delayMs: 1_000, priority: 4, expiresAt: 1_767_225_700_000 });
    await sender.send([original]);
    const [[, copy]] = parked as [[number, Message]];
    const { headers, ...rest } = copy;
    expect({ ...rest, headers: { tenant: headers['tenant'] } }).toEqual({ ...original, delayMs: 0 });
  });

  test('a moved message keeps the time that it is due, however long it was on its way', async () => {
    const { clock, inner, parked, sender } = setUp(500);
    const headers = { tenant: 'acme', 'omnibus-due': String(clock.now() + 12_000) };
    await clock.advance(800);
    await sender.send([message({ delayMs: 12_000, headers })]);
    expect(parked[0]?.[1].headers['omnibus-due']).toBe(headers['omnibus-due']);
    await clock.advance(10_800);
    await sender.send([message({ delayMs: 1_200, headers })]);
    await clock.advance(800);
    await sender.send([message({ delayMs: 1_200, headers })]);
    expect(inner.sent).toEqual([
      message({ delayMs: 400, headers: { tenant: 'acme' } }),
      message({ delayMs: 0, headers: { tenant: 'acme' } }),
    ]);
  });

  test('names failures by their index in the whole batch, whichever way they went', async () => {
    const { inner, broker, sender } = setUp();
    inner.answer = () => [{ index: 1, error: new MessagingError('TOO_LARGE', 'too large') }];
    broker.publish = async ({ id }) => {
      if (id === 'c') throw unreachable();
    };
    const batch = [
      message({ id: 'a', delayMs: 5_000 }),
      message({ id: 'b' }),
      message({ id: 'c', delayMs: 5_000 }),
      message({ id: 'd' }),
    ];
    expect(codes(await sender.send(batch))).toEqual({ 2: 'TIMEOUT', 3: 'TOO_LARGE' });
    inner.answer = () => {
      throw new MessagingError('CONNECTION', 'gone');
    };
    expect(codes(await sender.send(batch))).toEqual({ 1: 'CONNECTION', 2: 'TIMEOUT', 3: 'CONNECTION' });
  });

  test('needs a step, and closes its sender', async () => {
    expect(() => setUp(0, [])).toThrow(RangeError);
    const { inner, sender } = setUp();
    await sender.close();
    expect(inner.closed).toBe(1);
  });

  test('a delay under 12 h takes at most 39 hops', async () => {
    const { clock, parked, sender } = setUp();
    const worst = ((11 * 60 + 59) * 60 + 59) * 1_000;
    const headers = { 'omnibus-due': String(clock.now() + worst) };
    for (let left = worst; left > 0; left = Number(headers['omnibus-due']) - clock.now()) {
      await sender.send([message({ delayMs: left, headers })]);
      await clock.advance(Number(parked.at(-1)?.[1].headers['omnibus-leave']) - clock.now());
    }
    expect(parked).toHaveLength(39);
  });
});
