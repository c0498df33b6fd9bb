import { deepEqual, equal, ok } from 'node:assert/strict';
import { type App, exponential } from '@omnibus/core';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** The links are cut and come back; then, with every link up, a consumer that cannot go on. */
export const healthFollowsTheBroker: Scenario = {
  check: 76,
  title: 'health goes down with the broker, comes back with it, and tells connected from consuming',
  alone: true,
  async run(world) {
    await downAndUp(world);
    await connectedIsNotConsuming(world);
  },
};

async function downAndUp(world: World): Promise<void> {
  const cutLinks = world.control('cutLinks');
  const Notes = world.queue('notes', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const notes = world.handled(Note);
  service.consumer(Notes).handle(Note, notes.handler);
  await world.start(service);
  deepEqual(await states(service), { 'receive ok': [Notes.name], 'send ok': [Notes.name] });

  const cut = await cutLinks();
  try {
    await world.until('health is down', async () => !(await service.health()).ok);
    const { endpoints } = await service.health();
    for (const { ok: up, why } of endpoints) ok(!up && why !== undefined && why !== '', 'each endpoint says why it is down');
    equal(endpoints.length, 2);
  } finally {
    await cut.restore();
  }
  await world.until('health is up', async () => (await service.health()).ok);
  if (world.hasLink) ok(service.stats.reconnects > 0, 'it has not connected again');
  await service.producer(Notes).send(Note, { n: 1 });
  await notes.reaches(1);
}

/** The dead-letter queue is full: the consumer holds what it can neither handle nor put away, while others are sent to as ever. */
async function connectedIsNotConsuming(world: World): Promise<void> {
  const makeSmallQueue = world.control('makeSmallQueue');
  const Notes = world.queue('poison', { messages: [Note] });
  const Memos = world.queue('memos', { messages: [Memo] });
  const Dead = world.deadLetters(Notes);
  await makeSmallQueue(Notes.name, 100);
  await makeSmallQueue(Memos.name, 100);
  await makeSmallQueue(Dead.name, 1);
  const service = await world.service({
    producers: [Notes, Memos, Dead],
    config: { provision: 'assume', sendTimeoutMs: 500 },
  });
  service.consumer(Notes, { retry: exponential({ attempts: 1 }) }).handle(Note, () => {
    throw new Error('it always fails');
  });
  await world.start(service);
  await service.producer(Dead).send(Note, { n: 0 });
  await service.producer(Notes).send(Note, { n: 1 });
  await world.until('the consumer is down', async () => !(await service.health()).ok);
  deepEqual(await states(service), { 'receive down': [Notes.name], 'send ok': [Memos.name, Notes.name, Dead.name] });
  await service.producer(Memos).send(Memo, { n: 1 });
}

/** Channels by direction and state. */
async function states(service: App): Promise<Readonly<Record<string, readonly string[]>>> {
  const { endpoints } = await service.health();
  const found: Record<string, string[]> = {};
  for (const { channel, direction, ok: up } of endpoints.toSorted((one, other) => one.channel.localeCompare(other.channel))) {
    const state = `${direction} ${up ? 'ok' : 'down'}`;
    found[state] = [...(found[state] ?? []), channel];
  }
  return found;
}
