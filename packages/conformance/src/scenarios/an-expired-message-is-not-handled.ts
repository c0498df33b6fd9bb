import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { rejection } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const MAX_MS = 3_600_000; // longer than anything here takes
const SHORT_MS = 200;
const OVER_MS = 500; // until a short one has surely expired, here and on the broker

/** Those whose time is over while nobody is there, or while they wait behind another, are dropped; all others are handled. */
export const anExpiredMessageIsNotHandled: Scenario = {
  check: 55,
  title: 'an expired message is not handled, and one that is about to expire is',
  feature: 'ttl',
  mandatory: true,
  async run(world) {
    await whileNobodyIsThere(world);
    await whileItWaits(world);
  },
};

async function whileNobodyIsThere(world: World): Promise<void> {
  const Notes = world.queue('alone', { messages: [Note], maxTtlMs: MAX_MS });
  const sender = await world.service({ producers: [Notes] });
  await world.start(sender);
  const producer = sender.producer(Notes);
  const sent = [SHORT_MS, world.deadlineMs, 0, MAX_MS, undefined];
  for (const [n, ttlMs] of sent.entries()) await producer.send(Note, { n }, { ttlMs });
  for (const ttlMs of [MAX_MS + 1, -1, Number.NaN]) await rejection('INVALID', producer.send(Note, { n: 9 }, { ttlMs }));
  await pause(OVER_MS);

  const reader = await world.service();
  const notes = world.handled(Note);
  reader.consumer(Notes, { concurrency: 1 }).handle(Note, notes.handler);
  await world.start(reader);
  await notes.reaches(3);
  const stats = () => reader.stats.consumers[Notes.name]!;
  await world.until('nothing is held any more', () => stats().held === 0, stats);
  deepEqual(
    notes.payloads.map(({ n }) => n).sort((one, other) => one - other),
    [1, 3, 4],
  );
  equal(stats().dead, 0, 'what expires is no dead letter');
}

async function whileItWaits(world: World): Promise<void> {
  const Notes = world.queue('behind', { messages: [Note], maxTtlMs: MAX_MS });
  const service = await world.service({ producers: [Notes] });
  const notes = world.handled(Note);
  const busy = world.gate();
  service.consumer(Notes, { concurrency: 1 }).handle(Note, async (payload, context) => {
    notes.handler(payload, context);
    await busy.opened;
  });
  await world.start(service);
  const stats = () => service.stats.consumers[Notes.name]!;
  const producer = service.producer(Notes);
  await producer.send(Note, { n: 0 });
  await notes.reaches(1);
  await producer.send(Note, { n: 1 }, { ttlMs: OVER_MS });
  await pause(2 * OVER_MS); // it came in time, unless the machine is very slow; it is not handled either way
  busy.open();
  await producer.send(Note, { n: 2 }, { ttlMs: MAX_MS });
  await notes.reaches(2);
  await world.until('nothing is held any more', () => stats().held === 0, stats);
  deepEqual(
    notes.payloads.map(({ n }) => n),
    [0, 2],
  );
  const { handled, dead, expired, received } = stats();
  deepEqual({ handled, dead, expired }, { handled: 2, dead: 0, expired: received - 2 });
}
