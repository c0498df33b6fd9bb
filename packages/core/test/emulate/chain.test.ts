import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rejectToDeadLetter } from '../../src/emulate/reject-to-dead-letter.js';
import { retryByCopy } from '../../src/emulate/retry-by-copy.js';
import { settleEach } from '../../src/emulate/settle-each.js';
import type { Delivery, Message } from '../../src/transport/message.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, type Verdict } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { delivery, draw, fakeReceiver, never, settled, unreachable } from './fakes.js';

const RETRY: Verdict = { type: 'retry', delayMs: 10, attempts: 1 };
const REJECT: Verdict = { type: 'reject', reason: 'failed' };

describe('the emulators on a log', () => {
  test('commit a message only after its handler succeeded or its copy was confirmed, and in the end all of them', async () => {
    const plan = fc.record({
      verdicts: fc.array(fc.constantFrom(ACK, RETRY, REJECT), { minLength: 1, maxLength: 30 }),
      order: fc.infiniteStream(fc.nat()),
      fails: fc.infiniteStream(fc.constantFrom(false, false, true)),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ verdicts, order, fails }) => {
        const clock = virtualClock();
        const all = verdicts.map((_, index) => delivery({ id: String(index), partition: String(index % 2) }));
        const inner = fakeReceiver(...all);
        const done = new Set<string>();
        const copies: string[] = [];
        const committed: string[] = [];
        inner.answer = (batch, verdict) => {
          expect(verdict).toBe(ACK);
          for (const { id } of batch) expect(done.has(id)).toBe(true);
          committed.push(...batch.map(({ id }) => id));
          return NONE;
        };
        const publish = async ({ id }: Message): Promise<void> => {
          await settled();
          if (draw(fails)) throw unreachable();
          done.add(id);
          copies.push(id);
        };
        const deadLetter = {
          name: 'dead',
          address: 'dead',
          kind: 'queue',
          ordered: false,
          temporary: false,
          types: [],
          maxDelayMs: 0,
          priorities: 0,
        } as const;
        const log = settleEach(inner, { window: 100, clock });
        const retrying = retryByCopy(log, { publish, clock, maxDelayMs: 1_000, stepMs: 0 });
        const receiver = rejectToDeadLetter(retrying, {
          publish,
          deadLetter,
          channel: 'orders',
          group: undefined,
          clock,
          onStuck: () => {},
        });

        const left = [...(await receiver.receive(100, never))];
        const settle = async (one: Delivery, verdict: Verdict): Promise<void> => {
          if (verdict === ACK) done.add(one.id);
          for (const { error } of await receiver.settle([one], verdict)) {
            expect(error.retryable).toBe(true);
            await settle(one, verdict);
          }
        };
        const settles: Promise<void>[] = [];
        while (left.length > 0) {
          const [one] = left.splice(draw(order) % left.length, 1) as [Delivery];
          settles.push(settle(one, verdicts[Number(one.id)] as Verdict));
        }
        let open = true;
        const end = Promise.all(settles).then(() => {
          open = false;
        });
        while (open) await clock.advance(30_000);
        await end;
        expect([...committed].sort()).toEqual(all.map(({ id }) => id).sort());
        expect([...copies].sort()).toEqual(
          all
            .filter((_, index) => verdicts[index] !== ACK)
            .map(({ id }) => id)
            .sort(),
        );
        await receiver.close();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
