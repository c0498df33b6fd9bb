import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { MessagingError } from '../../src/transport/errors.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { consumerBench, handlerOf } from './engine-fakes.js';
import { FakeLog, type SeekEnd } from './fake-log.js';

const PARTITIONS = 2;
const SEEKS: readonly SeekEnd[] = ['ok', 'ok', 'ok', 'invalid', 'lost', 'lost but moved', 'cut', 'cut but moved'];

const partition = fc.nat(PARTITIONS - 1);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), partition, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(7), ok: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 5, 50, 1_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('seek' as const),
      /** How far into each partition, as a share; undefined: it stays. */
      to: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }), {
        minLength: PARTITIONS,
        maxLength: PARTITIONS,
      }),
      deadlineMs: fc.constantFrom(0, 20, 2_000),
      ends: fc.constantFrom(...SEEKS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rebalance' as const, 'reopen' as const, 'pause' as const, 'resume' as const) }),
  },
);
const scenarios = fc.record({
  ordered: fc.boolean(),
  window: fc.integer({ min: 2, max: 8 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { maxLength: 40, size: 'max' }),
});

it('positions moved at any moment lose nothing behind them, and nothing is committed past what is not done', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ ordered, window, concurrency, steps }) => {
      const clock = virtualClock();
      const log = new FakeLog(clock, PARTITIONS);
      const running: ((ok: boolean) => void)[] = [];
      const run = async (id: string): Promise<void> => {
        const handling = log.begin(id);
        const ok = await new Promise<boolean>((resolve) => running.push(resolve));
        if (!ok) throw new Error('again');
        handling.end();
      };
      let reopening: Promise<unknown> = Promise.resolve();
      /** One after another, as the link does it. */
      const reopen = (error: MessagingError): void => {
        reopening = reopening.then(() => end.lost(error)).then(() => end.open());
      };
      const { end } = await consumerBench(handlerOf({ run: (id) => run(id) }), {
        clock,
        ordered,
        concurrency,
        window,
        inPlaceMs: Number.POSITIVE_INFINITY,
        policy: exponential({ attempts: 1_000, firstMs: 10, maxMs: 10 }),
        receiver: async () => settleEach(log.open(), { window: 4 * window, clock }),
        failed: (_, error) => reopen(error),
      });
      const ended: string[] = [];
      let asked = 0;
      for (const next of steps) {
        if (next.do === 'send') for (let n = 0; n < next.count; n++) log.append(next.partition);
        else if (next.do === 'end') running.splice(next.which % (running.length || 1), 1)[0]?.(next.ok);
        else if (next.do === 'wait') await clock.advance(next.ms);
        else if (next.do === 'seek') {
          const to = next.to.flatMap((share, index) =>
            share === undefined ? [] : [`${index}:${Math.floor(share * log.ends[index]!)}`],
          );
          if (to.length === 0) continue;
          asked++;
          log.seeks.push(next.ends);
          end.seek({ position: to.join() }, next.deadlineMs).then(
            (moved) => ended.push(moved.join()),
            (error: unknown) => ended.push((error as MessagingError).code),
          );
        } else if (next.do === 'rebalance') log.rebalance();
        else if (next.do === 'pause') void end.pause();
        else if (next.do === 'resume') end.resume();
        else reopen(new MessagingError('CONNECTION', 'cut'));
        await clock.advance(0);
      }
      end.resume();
      for (let idle = 0; idle < 3; idle++) {
        for (; running.length > 0; idle = 0) {
          running.shift()!(true);
          await clock.advance(20);
        }
        await clock.advance(5_000);
      }
      expect(log.faults).toEqual([]);
      expect(log.missing).toEqual([]);
      expect(log.committed).toEqual(log.ends);
      expect(ended).toHaveLength(asked);
      await end.close();
    }),
    { numRuns: 500 },
  );
});
