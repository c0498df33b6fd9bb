import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reject, retry } from '../../src/runtime/outcome.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { type Failures, NONE } from '../../src/transport/transport.js';
import { type BenchOptions, consumerBench, delivery, type FakeReceiver, handlerOf } from './engine-fakes.js';

const ENDINGS = ['ok', 'ok', 'later', 'throw', 'fail', 'retry', 'reject', 'hang'] as const;
const SETTLES = ['ok', 'ok', 'ok', 'busy', 'lost', 'cut', 'slow'] as const;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      key: fc.constantFrom('x', 'y', 'z'),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 50, 500, 5_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'finish' as const,
        'finish' as const,
        'lease' as const,
        'reopen' as const,
        'pause' as const,
        'resume' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('concurrency' as const), to: fc.integer({ min: 1, max: 5 }) }) },
);
const scenarios = fc.record({
  ordered: fc.boolean(),
  window: fc.integer({ min: 3, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  batch: fc.constantFrom(0, 0, 0, 1, 3),
  timeoutMs: fc.constantFrom(0, 0, 400),
  slowSchema: fc.boolean(),
  hooked: fc.boolean(),
  settleBatch: fc.constantFrom(1, 3, 10),
  endings: fc.array(fc.constantFrom(...ENDINGS), { minLength: 1, maxLength: 12 }),
  settles: fc.array(fc.constantFrom(...SETTLES), { minLength: 1, maxLength: 8 }),
  steps: fc.array(step, { minLength: 1, maxLength: 25 }),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer S> ? S : never;

/** What a broker does around one consumer: it gives again what was lost, before what is newer of the same key. */
async function play(scenario: Scenario): Promise<void> {
  const { ordered, window, batch, timeoutMs, slowSchema, endings, settles } = scenario;
  const hanging: (() => void)[] = [];
  const seen = new Map<string, number[]>(); // by key: first handlings, in order
  const busyKeys = new Map<string, number>();
  let concurrency = scenario.concurrency;
  let calm = false;
  let turn = 0;
  let settleTurn = 0;
  let running = 0;
  const begin = (id: string): void => {
    const [key, number] = id.split('-') as [string, string];
    const numbers = seen.get(key) ?? [];
    if (!numbers.includes(Number(number))) seen.set(key, [...numbers, Number(number)]);
  };
  const run = async (ids: readonly string[]): Promise<unknown> => {
    running++;
    expect(running).toBeLessThanOrEqual(timeoutMs > 0 ? Number.POSITIVE_INFINITY : concurrency);
    ids.forEach(begin);
    const keys = ids.map((id) => id.split('-')[0] as string);
    for (const key of keys) {
      busyKeys.set(key, (busyKeys.get(key) ?? 0) + 1);
      if (ordered && timeoutMs === 0) expect(busyKeys.get(key)).toBe(1);
    }
    try {
      const ending = calm || turn > 60 ? 'ok' : endings[turn++ % endings.length];
      if (ending === 'hang') await new Promise<void>((resolve) => hanging.push(resolve));
      if (ending === 'later') await new Promise((resolve) => setImmediate(resolve));
      if (ending === 'throw' || ending === 'fail') throw new Error('no');
      return ending === 'retry' ? retry(100) : ending === 'reject' ? reject('no') : undefined;
    } finally {
      running--;
      for (const key of keys) busyKeys.set(key, (busyKeys.get(key) as number) - 1);
    }
  };
  const handler = handlerOf({
    timeoutMs: batch > 0 ? 0 : timeoutMs,
    batch,
    waitMs: 20,
    decode: (body) => {
      const text = Buffer.from(body).toString();
      return slowSchema ? Promise.resolve(text) : text;
    },
    call: (payload) => run(batch > 0 ? (payload as string[]) : [payload as string]),
  });
  let lease = new AbortController();
  const lose = (which: readonly Delivery[]): void => {
    for (const each of which) bench.now.held.delete(each);
    const again = which.map((each) => ({ ...each, lease: lease.signal, deliveries: each.deliveries + 1 }));
    bench.now.waiting.unshift(...again);
    bench.now.push();
  };
  const options: BenchOptions = {
    ordered,
    window,
    concurrency,
    limits: { settleBatch: scenario.settleBatch, receiveBatch: 5 },
    policy: exponential({ attempts: 3, firstMs: 100, jitter: 'none' }),
    ...(scenario.hooked ? { process: (_, next) => next(), settle: (_count, _type, next) => next() } : {}),
    make: (receiver: FakeReceiver) => {
      receiver.onSettle = async (each, verdict): Promise<Failures> => {
        const late = each.flatMap(({ lease: mine }, index) =>
          mine?.aborted === true ? [{ index, error: new MessagingError('LOST', 'the lease is gone') }] : [],
        );
        if (late.length > 0) return late;
        const how = calm || settleTurn > 60 ? 'ok' : settles[settleTurn++ % settles.length];
        if (how === 'slow') await Promise.resolve();
        if (how === 'busy') return [{ index: 0, error: new MessagingError('THROTTLED', 'busy') }];
        if (how === 'cut') throw new MessagingError('CONNECTION', 'cut');
        if (how === 'lost') {
          setImmediate(() => receiver === bench.now && lose([each[0] as Delivery]));
          return [{ index: 0, error: new MessagingError('LOST', 'lost') }];
        }
        if (verdict.type === 'retry')
          setImmediate(
            () =>
              receiver === bench.now &&
              bench.now.push(...each.map((one) => ({ ...one, lease: lease.signal, deliveries: one.deliveries + 1 }))),
          );
        return NONE;
      };
    },
  };
  const bench = await consumerBench(handler, options);
  const reopen = async (): Promise<void> => {
    const old = bench.now;
    lease.abort();
    lease = new AbortController();
    await bench.reopen();
    const given = [...old.held].map((each) => ({ ...each, lease: lease.signal, deliveries: each.deliveries + 1 }));
    bench.failed.length = 0;
    bench.now.push(...given, ...old.waiting.map((each) => ({ ...each, lease: lease.signal })));
  };
  const check = (): void => {
    expect(bench.stats.held).toBeLessThanOrEqual(window);
    expect(bench.stats.held).toBeGreaterThanOrEqual(0);
    expect(bench.end.running).toBeGreaterThanOrEqual(0);
    for (const receiver of bench.receivers) expect(receiver.faults).toEqual([]);
  };
  const numbers: Record<string, number> = {};
  for (const each of scenario.steps) {
    if (each.do === 'push')
      for (let count = 0; count < each.count; count++) {
        numbers[each.key] = (numbers[each.key] ?? 0) + 1;
        bench.now.push(delivery(`${each.key}-${numbers[each.key]}`, { key: each.key, lease: lease.signal }));
      }
    else if (each.do === 'wait') await bench.clock.advance(each.ms);
    else if (each.do === 'finish') hanging.shift()?.();
    else if (each.do === 'pause') void bench.end.pause();
    else if (each.do === 'resume') bench.end.resume();
    else if (each.do === 'concurrency') bench.end.concurrency = concurrency = each.to;
    else if (each.do === 'reopen') await reopen();
    else {
      const old = lease;
      lease = new AbortController();
      const held = [...bench.now.held];
      for (const waits of bench.now.waiting) waits.lease = lease.signal;
      lose(held); // the broker has them again before we know
      old.abort();
    }
    await bench.turn();
    if (bench.failed.length > 0) await reopen();
    check();
  }

  // the weather clears: everything that was ever sent is handled and settled
  calm = true;
  bench.end.resume();
  const rests = (): boolean => bench.now.waiting.length === 0 && bench.stats.held === 0;
  for (let round = 0; round < 4 || (round < 100 && !rests()); round++) {
    while (hanging.length > 0) hanging.shift()?.();
    await bench.clock.advance(60_000);
    if (bench.failed.length > 0) await reopen();
  }
  check();
  expect([bench.now.waiting.length, bench.now.held.size, bench.stats.held, bench.end.running]).toEqual([0, 0, 0, 0]);
  for (const [key, count] of Object.entries(numbers)) {
    const first = seen.get(key) ?? [];
    expect(first.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    if (ordered) expect(first).toEqual(first.toSorted((a, b) => a - b));
  }
  await bench.end.drain(new AbortController().signal);
  await bench.end.close();
  await bench.turn();
  expect(bench.clock.pending).toBe(0);
}

it('settles, loses or gives back every message, in order per key, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(scenarios, play), { numRuns: 300 });
}, 60_000);
