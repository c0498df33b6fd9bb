import { deepEqual } from 'node:assert/strict';
import { exponential, type RetryPolicy, retry } from '@omnibus/core';
import { counted, times } from '../assertions.js';
import { deadLetters } from '../dead-letters.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const COUNT = 5;
const once: RetryPolicy = exponential({ attempts: 1 });
const later: RetryPolicy = exponential({ attempts: 3, firstMs: 1_050, maxMs: 1_050, jitter: 'none' });

/** Once, five times at once, three times with a delay that a broker keeps: never one run less or more, and then it is dead. */
export const aFailingMessageIsHandledAsOftenAsThePolicySays: Scenario = {
  check: 36,
  title: 'a message that always fails is handled exactly as often as the policy says',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    await Promise.all(Object.entries({ once, soon, later }).map(([name, policy]) => diesAfter(world, name, policy)));
  },
};

async function diesAfter(world: World, name: string, policy: RetryPolicy): Promise<void> {
  const Notes = world.queue(name, { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const runs = world.handled(Note);
  service.consumer(Notes, { retry: policy }).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (payload.n % 2 === 0) throw new Error('it always fails');
    return retry();
  });
  const letters = await deadLetters(world, Notes);
  await world.start(service);
  const { attempts } = policy;

  const sent = await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
  await letters.reaches(COUNT);
  const stats = () => service.stats.consumers[Notes.name]!;
  await world.until('every message is settled', () => stats().held === 0 && stats().dead === COUNT, stats);
  const { handled, retried, dead } = stats();
  await world.stop(service);

  const ids = sent.map(({ id }) => id);
  for (const id of ids)
    deepEqual(
      runs.all.filter(({ context }) => context.id === id).map(({ context }) => context.attempt),
      times(attempts, (index) => index + 1),
      `the attempts of one message with the policy "${name}"`,
    );
  deepEqual(counted(letters.all.map(({ context }) => context.id)), counted(ids));
  for (const { death } of letters.all) deepEqual([death.reason, death.attempts], ['attempts', attempts]);
  deepEqual({ handled, retried, dead }, { handled: 0, retried: COUNT * (attempts - 1), dead: COUNT });

  const next = await world.service({ producers: [Notes] });
  const left = world.handled(Note);
  next.consumer(Notes, { concurrency: 1 }).handle(Note, left.handler);
  await world.start(next);
  await next.producer(Notes).send(Note, { n: COUNT });
  await left.reaches(1);
  deepEqual(left.payloads, [{ n: COUNT }], 'what died is still on its queue');
}
