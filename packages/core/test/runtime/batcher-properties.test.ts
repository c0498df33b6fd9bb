import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Batcher, createBatcher } from '../../src/runtime/batcher.js';
import { createLink, type LinkEnd } from '../../src/runtime/link.js';
import type { MessagingError } from '../../src/transport/errors.js';
import type { Sender } from '../../src/transport/transport.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { type Door, FakeBroker, type Fate } from './fake-broker.js';
import { limitsOf, message } from './fakes.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const often = <T>(usual: T, ...odd: T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, { arbitrary: fc.constantFrom(...odd), weight: 2 });
const event = fc.record({
  afterMs: fc.nat(400),
  what: fc.oneof(
    {
      arbitrary: fc.record({ count: fc.integer({ min: 1, max: 15 }), abortMs: fc.option(fc.nat(3_000), { freq: 4 }) }),
      weight: 5,
    },
    { arbitrary: fc.constantFrom('cut' as const, 'end' as const), weight: 1 },
  ),
});
const schedule = (ends: fc.Arbitrary<Fate['end']>) =>
  fc.record({
    seed: fc.nat(),
    keys: fc.integer({ min: 1, max: 4 }),
    options: fc.record({
      lingerMs: fc.constantFrom(0, 5),
      sendTimeoutMs: fc.constantFrom(700, 5_000, 30_000),
      maxPending: fc.integer({ min: 1, max: 40 }),
      maxInFlight: fc.integer({ min: 1, max: 40 }),
      sendBatch: fc.integer({ min: 1, max: 8 }),
    }),
    fates: fc.array(fc.record({ arriveMs: fc.nat(80), confirmMs: fc.nat(80), end: ends }), { minLength: 1, maxLength: 12 }),
    doors: fc.array(often<Door>('open', 'refuse', 'trap', 'hang'), { minLength: 1, maxLength: 6 }),
    events: fc.array(event, { minLength: 1, maxLength: 20 }),
    drainMs: fc.constantFrom(0, 1_000, 40_000),
  });
type Schedule = typeof schedule extends (ends: never) => fc.Arbitrary<infer S> ? S : never;

interface Sent {
  readonly id: string;
  readonly key: string;
  readonly at: number;
  readonly signal: AbortSignal | undefined;
  readonly ends: string[];
  code?: string;
}

/** Runs a schedule from the first event to a closed link, and gives what happened. */
async function run(
  { seed, keys, options, fates, doors, events, drainMs }: Schedule,
  ordered: boolean,
  batchFailure: 'whole' | 'each',
) {
  let state = seed;
  vi.spyOn(Math, 'random').mockImplementation(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
  const clock = virtualClock();
  let calm = false;
  let turn = 0;
  let entry = 0;
  const hopeless = doors.every((door) => door !== 'open');
  const broker = new FakeBroker(
    clock,
    () => (calm ? { arriveMs: 0, confirmMs: 0, end: 'ok' } : fates[turn++ % fates.length]!),
    () => (calm || hopeless ? 'open' : doors[entry++ % doors.length]!),
  );
  const link = createLink({ name: 'fake', transport: broker.transport, provision: async () => {}, clock, log: silent });
  const { sendBatch, ...rest } = options;
  const batcher: Batcher = createBatcher({
    ...rest,
    what: 'channel "c"',
    limits: limitsOf({ sendBatch, batchFailure }),
    ordered,
    maxPendingBytes: 1 << 20,
    clock,
    around: undefined,
    remakes: () => true,
    onLinkError: (error) => link.failed(end, error),
  });
  let sender: Sender | undefined;
  const end: LinkEnd = {
    name: 'sender of c',
    async open() {
      sender = broker.sender();
      batcher.open(sender);
    },
    async lost() {
      batcher.lost();
      await sender?.close();
    },
  };
  link.add(end);
  const started = link.start(new AbortController().signal).catch(() => {}); // closed before it was up
  const sent: Sent[] = [];
  let mostPending = 0;
  for (const { afterMs, what } of events) {
    await clock.advance(afterMs);
    if (what === 'cut') broker.cut();
    else if (what === 'end') void sender?.close();
    else {
      for (let index = 0; index < what.count; index++) {
        let signal: AbortSignal | undefined;
        if (what.abortMs !== null && index % 3 === 0) {
          const abort = new AbortController();
          clock.timer(what.abortMs, () => abort.abort());
          signal = abort.signal;
        }
        const one: Sent = { id: `m${sent.length}`, key: `k${sent.length % keys}`, at: clock.now(), signal, ends: [] };
        sent.push(one);
        batcher.send(message(one.id, one.key), signal).then(
          () => one.ends.push('ok'),
          (error: unknown) => {
            one.ends.push((error as MessagingError).outcome);
            one.code = (error as MessagingError).code;
          },
        );
      }
    }
    mostPending = Math.max(mostPending, batcher.pending);
  }
  calm = true;
  const calmAt = clock.now();
  const drained = batcher.drain(drainMs);
  await clock.advance(drainMs + 1);
  await drained;
  const left = { pending: batcher.pending, bytes: batcher.bytes, waiting: batcher.waiting };
  const closed = link.close();
  await clock.advance(15_000); // the broker's own timers, and aborts of what has ended
  await closed;
  await started;
  return { broker, sent, left, mostPending, clock, calmAt };
}

function check(
  { broker, sent, left, mostPending, clock, calmAt }: Awaited<ReturnType<typeof run>>,
  { options, fates, drainMs }: Schedule,
): void {
  expect(sent.filter(({ ends }) => ends.length !== 1)).toEqual([]);
  const arrived = new Set(broker.arrived);
  const has = (id: string): boolean => arrived.has(id);
  expect(sent.filter(({ id, ends }) => ends[0] === 'ok' && !has(id))).toEqual([]); // lost
  expect(sent.filter(({ id, ends }) => ends[0] === 'failed' && has(id))).toEqual([]); // said failed, and has it
  expect(left).toEqual({ pending: 0, bytes: 0, waiting: 0 });
  if (options.sendTimeoutMs === 30_000 && drainMs > 30_000 && !fates.some(({ end }) => end === 'mute')) {
    // faults are over in time for the newest ones
    expect(sent.filter(({ at, signal, code }) => at > calmAt - 2_000 && signal === undefined && code === 'TIMEOUT')).toEqual([]);
  }
  expect(mostPending).toBeLessThanOrEqual(options.maxPending);
  expect(broker.mostLive).toBeLessThanOrEqual(options.maxInFlight);
  expect(Math.max(0, ...broker.calls.map(({ length }) => length))).toBeLessThanOrEqual(options.sendBatch);
  expect(clock.pending).toBe(0);
}

function checkOrder({ broker, sent }: Awaited<ReturnType<typeof run>>): void {
  const acknowledged = new Map(sent.filter(({ ends }) => ends[0] === 'ok').map((one) => [one.id, one]));
  const byKey = new Map<string, number[]>();
  for (const id of new Set(broker.arrived)) {
    const one = acknowledged.get(id);
    if (one !== undefined) byKey.set(one.key, [...(byKey.get(one.key) ?? []), Number(id.slice(1))]);
  }
  for (const numbers of byKey.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
}

describe('whatever happens to links, calls and entries, every send ends once and truthfully, and nothing stays behind', () => {
  const runs = { numRuns: 100 };
  const entries = often<Fate['end']>(
    'ok',
    'some throttled',
    'some unanswered',
    'some invalid',
    'some missing',
    'all throttled',
    'all missing',
    'mute',
  );
  const wholes = often<Fate['end']>('ok', 'all throttled', 'all missing', 'mute');
  beforeEach(() => void vi.restoreAllMocks());
  afterEach(() => void vi.restoreAllMocks());

  it('on a channel without order', () =>
    fc.assert(
      fc.asyncProperty(schedule(entries), async (plan) => check(await run(plan, false, 'each'), plan)),
      runs,
    ));

  it('on an ordered channel whose batches fail entry by entry: and what is acknowledged first arrived in order of each key', () =>
    fc.assert(
      fc.asyncProperty(schedule(entries), async (plan) => {
        const result = await run(plan, true, 'each');
        check(result, plan);
        checkOrder(result);
        for (const call of result.broker.calls) expect(new Set(call.map(({ key }) => key)).size).toBe(call.length);
      }),
      runs,
    ));

  it('on an ordered channel whose batches fail as a whole: and what is acknowledged first arrived in order of each key', () =>
    fc.assert(
      fc.asyncProperty(schedule(wholes), async (plan) => {
        const result = await run(plan, true, 'whole');
        check(result, plan);
        checkOrder(result);
      }),
      runs,
    ));
});
