import { deepEqual, equal, ok } from 'node:assert/strict';
import { type App, type Channel, message, NonRetryable } from '@omnibus/core';
import { rejection, times } from '../assertions.js';
import { shape, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const Double = message('conformance.double', shape<{ readonly n: number }>(), { reply: shape<{ readonly doubled: number }>() });

const COUNT = 20;
const TIMEOUT_MS = 300; // of requests that have no reply
const FAILS_ONCE = 1_000;
const FAILS = 1_001;
const HANGS = 1_002;

type Doubles = Channel<'queue', string, typeof Double, Record<never, never>>;

/** Many requests at once, of two instances; one that fails first, one that fails for good, one that is late, one that nobody takes. */
export const aRequestGetsItsReply: Scenario = {
  check: 60,
  title: 'a request gets its reply, or learns in time that it does not',
  feature: 'temporary',
  async run(world) {
    const Doubles: Doubles = world.queue('doubles', { messages: [Double] });
    const server = await world.service();
    const late = world.gate();
    const hanging = world.journal<number>('the number of requests that hang');
    server.consumer(Doubles, { retry: soon }).handle(Double, async ({ n }, { attempt }) => {
      if (n === FAILS_ONCE && attempt === 1) throw new Error('not yet');
      if (n === FAILS) throw new NonRetryable('there is no double of this');
      if (n === HANGS) {
        hanging.add(n);
        await late.opened;
      }
      return { doubled: 2 * n };
    });
    const clients = [await world.service({ producers: [Doubles] }), await world.service({ producers: [Doubles] })] as const;
    await world.start(server, ...clients);
    const ask = (client: App, n: number, timeoutMs = world.deadlineMs): Promise<{ readonly doubled: number }> =>
      client.producer(Doubles).request(Double, { n }, { timeoutMs });

    const numbers = times(COUNT, (n) => n);
    const replies = await Promise.all(clients.map((client) => Promise.all(numbers.map((n) => ask(client, n)))));
    for (const each of replies)
      deepEqual(
        each,
        numbers.map((n) => ({ doubled: 2 * n })),
      );
    deepEqual(await ask(clients[0], FAILS_ONCE), { doubled: 2 * FAILS_ONCE });

    const failure = await rejection('REMOTE', ask(clients[0], FAILS));
    ok(failure.message.includes('there is no double of this'));
    ok(!failure.message.includes('.ts:') && !failure.message.includes('.js:'), 'it shows where the other service failed');

    const timeout = await rejection('TIMEOUT', ask(clients[0], HANGS, TIMEOUT_MS));
    equal(timeout.outcome, 'unknown');
    await hanging.reaches(1);
    const leaving = ask(clients[1], HANGS);
    const left = rejection('CLOSED', leaving);
    await hanging.reaches(2);
    await world.stop(clients[1]); // it does not wait for replies
    await left;
    late.open();
    await world.until(
      'the late reply is counted',
      () => clients[0].stats.lateReplies === 1,
      () => clients[0].stats,
    );
    const stats = () => server.stats.consumers[Doubles.name]!;
    await world.until('every request is settled', () => stats().held === 0, stats);
    equal(stats().dead, 1, 'only the request that failed for good is a dead letter');
    await world.stop(server);
    await nobodyIsThere(world, Doubles, clients[0]);
  },
};

/** A request that nobody takes in time is not handled later, since nobody waits for its reply. */
async function nobodyIsThere(world: World, Doubles: Doubles, client: App): Promise<void> {
  await rejection('TIMEOUT', client.producer(Doubles).request(Double, { n: 1 }, { timeoutMs: TIMEOUT_MS }));
  const server = await world.service();
  const asked: number[] = [];
  server.consumer(Doubles, { concurrency: 1 }).handle(Double, ({ n }) => {
    asked.push(n);
    return { doubled: 2 * n };
  });
  await world.start(server);
  deepEqual(await client.producer(Doubles).request(Double, { n: 2 }, { timeoutMs: world.deadlineMs }), { doubled: 4 });
  deepEqual(asked, [2]);
}
