import { equal, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { exponential, type RetryPolicy } from '@omnibus/core';
import { deadLetters } from '../dead-letters.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const MAX_MS = 60_000;
/** Long enough for a busy machine to hand it out before. */
const TTL_MS = 3_000;
const ATTEMPTS = 1_000; // more than fit into any time to live here

const soon: RetryPolicy = exponential({ attempts: ATTEMPTS, firstMs: 50, factor: 1, jitter: 'none' });
const later: RetryPolicy = exponential({ attempts: ATTEMPTS, firstMs: 1_050, factor: 1, jitter: 'none' });

/** A message fails until its time is over: then it is gone. A message that dies before that is kept for as long as it takes. */
export const aRetryKeepsTheTimeToLive: Scenario = {
  check: 56,
  title: 'a retry keeps the time to live, and a dead letter has none',
  feature: 'ttl',
  mandatory: true,
  async run(world) {
    await Promise.all([expires(world, 'soon', soon), expires(world, 'later', later), isKept(world)]);
  },
};

async function expires(world: World, name: string, retry: RetryPolicy): Promise<void> {
  const Notes = world.queue(name, { messages: [Note], maxTtlMs: MAX_MS });
  const service = await world.service({ producers: [Notes] });
  const runs = world.handled(Note);
  const others = world.handled(Note);
  const deliveries = world.deliveries(Notes);
  service.consumer(Notes, { retry, concurrency: 1 }).handle(Note, (payload, context) => {
    if (payload.n !== 0) return others.handler(payload, context);
    runs.handler(payload, context);
    throw new Error('it always fails');
  });
  await world.start(service);
  const { id } = await service.producer(Notes).send(Note, { n: 0 }, { ttlMs: TTL_MS });
  await runs.reaches(1);
  const until = deliveries.all[0]!.delivery.expiresAt;
  ok(until <= runs.all[0]!.context.sentAt.getTime() + TTL_MS + 1, `it expires at ${until}`);
  const longest = Math.ceil(retry.firstMs / 1_000) * 1_000; // brokers may round up
  await pause(TTL_MS + longest);

  const made = runs.all.length;
  await pause(2 * longest);
  await service.producer(Notes).send(Note, { n: 1 });
  await others.reaches(1);
  const stats = () => service.stats.consumers[Notes.name]!;
  await world.until('nothing is held any more', () => stats().held === 0, stats);
  equal(runs.all.length, made, 'it is handled after its time');
  equal(stats().dead, 0, 'what expires is no dead letter');
  for (const { delivery } of deliveries.all.filter((each) => each.delivery.id === id)) equal(delivery.expiresAt, until);
}

async function isKept(world: World): Promise<void> {
  const Notes = world.queue('dying', { messages: [Note], maxTtlMs: MAX_MS });
  const service = await world.service({ producers: [Notes] });
  service.consumer(Notes, { retry: exponential({ attempts: 1 }) }).handle(Note, () => {
    throw new Error('it always fails');
  });
  await world.start(service);
  const stats = () => service.stats.consumers[Notes.name]!;
  await service.producer(Notes).send(Note, { n: 0 }, { ttlMs: TTL_MS });
  await world.until('it is dead', () => stats().dead === 1 && stats().held === 0, stats);
  await pause(TTL_MS);
  const letters = await deadLetters(world, Notes);
  await letters.reaches(1);
  equal(letters.all[0]!.delivery.expiresAt, Number.POSITIVE_INFINITY);
}
