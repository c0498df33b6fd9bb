import { deepEqual, equal } from 'node:assert/strict';
import { claimCheck, exponential, type MemoryClaimStore, memoryClaimStore } from '@omnibus/core';
import { times } from '../assertions.js';
import { Bytes, Note, once } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const THRESHOLD = 1_024;
const LARGE = 200 * 1_024;
const AFFORDABLE = 64 * 1_024 * 1_024; // what a test may allocate

/** Beyond the broker's own limit too. What a queue's consumer handled is deleted, what a topic's group handled is not. */
export const aClaimCheckGivesBackWhatItKept: Scenario = {
  check: 61,
  title: 'a claim check gives back what it kept, or a dead letter that says why',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    const ways = [throughQueue(world), missing(world), redriven(world)];
    if (world.carries('topic')) ways.push(throughTopic(world));
    await Promise.all(ways);
    world.note('payloads are not encrypted by the framework: that, and keys that change, are not built');
  },
};

const claims = (store: MemoryClaimStore, thresholdBytes = THRESHOLD) => ({ claimCheck: claimCheck({ store, thresholdBytes }) });

async function throughQueue(world: World): Promise<void> {
  const Kept = world.queue('kept', { messages: [Bytes] });
  const store = memoryClaimStore();
  const service = await world.service({ producers: [Kept], ...claims(store) });
  const blobs = world.handled(Bytes);
  service.consumer(Kept, { concurrency: 1 }).handle(Bytes, blobs.handler);
  await world.start(service);
  const { sendBytes } = world.capabilities(Kept).limits;
  const sizes = [10, LARGE, ...(sendBytes < AFFORDABLE ? [sendBytes + 1] : [])];
  const sent = sizes.map((size) => Buffer.alloc(size, 'omnibus'));
  for (const body of sent) await service.producer(Kept).send(Bytes, body, { headers: { tenant: 'acme' } });
  await blobs.reaches(sent.length);
  const got = blobs.all.toSorted((one, other) => one.payload.length - other.payload.length);
  deepEqual(
    got.map(({ payload, context }) => [Buffer.from(payload), { ...context.headers }]),
    sent.map((body) => [body, { tenant: 'acme' }]),
  );
  await world.until(
    'what was handled is deleted',
    () => store.objects.size === 0,
    () => store.objects.size,
  );
}

async function throughTopic(world: World): Promise<void> {
  const Spread = world.topic('spread', { messages: [Bytes] });
  const store = memoryClaimStore();
  const service = await world.service({ producers: [Spread], ...claims(store) });
  const groups = ['one', 'other'].map((group) => ({ group, runs: world.handled(Bytes) }));
  for (const { group, runs } of groups) service.consumer(Spread, { group }).handle(Bytes, runs.handler);
  await world.start(service);
  const body = Buffer.alloc(LARGE, 'omnibus');
  await service.producer(Spread).send(Bytes, body);
  for (const { group, runs } of groups) {
    await runs.reaches(1);
    deepEqual(
      runs.payloads.map((payload) => Buffer.from(payload)),
      [body],
    );
    const stats = () => service.stats.consumers[`${Spread.name}/${group}`]!;
    await world.until('it is settled', () => stats().handled === 1 && stats().held === 0, stats);
  }
  equal(store.objects.size, 1, 'a group deleted what another may still need');
}

async function missing(world: World): Promise<void> {
  const Lost = world.queue('lost', { messages: [Note] });
  const Dead = world.deadLetters(Lost);
  const store = memoryClaimStore();
  const forgetful: MemoryClaimStore = {
    ...store,
    async put(...what) {
      const pointer = await store.put(...what);
      store.objects.clear();
      return pointer;
    },
  };
  const service = await world.service({ producers: [Lost], ...claims(forgetful, 0) });
  const runs = world.handled(Note);
  service.consumer(Lost).handle(Note, runs.handler);
  const letters = world.deliveries(Dead);
  await world.start(service);
  await service.producer(Lost).send(Note, { n: 1 });
  const stats = () => service.stats.consumers[Lost.name]!;
  await world.until('it is dead', () => stats().dead === 1 && stats().held === 0, stats);
  deepEqual([runs.all.length, stats().retried], [0, 0], 'it was tried again, or handled');
  const undertaker = await world.service();
  undertaker.consumer(Dead, { retry: once }).handle(Note, () => {});
  await world.start(undertaker);
  await letters.reaches(1);
  const { 'omnibus-dead': story = '{}' } = letters.all[0]!.delivery.headers;
  equal((JSON.parse(story) as { reason?: string }).reason, 'claim-missing');
}

async function redriven(world: World): Promise<void> {
  const Again = world.queue('again', { messages: [Note] });
  const store = memoryClaimStore();
  const service = await world.service({ producers: [Again], ...claims(store, 0) });
  const runs = world.handled(Note);
  let broken = true;
  const retry = exponential({ attempts: 2, firstMs: 10, jitter: 'none' });
  service.consumer(Again, { retry }).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (broken) throw new Error('the handler is broken');
  });
  await world.start(service);
  const numbers = times(3, (index) => index);
  for (const n of numbers) await service.producer(Again).send(Note, { n });
  const stats = () => service.stats.consumers[Again.name]!;
  await world.until('all are dead', () => stats().dead === numbers.length && stats().held === 0, stats);
  equal(store.objects.size, numbers.length, 'what died lost its body');
  broken = false;
  equal(await service.redrive(Again), numbers.length);
  await world.until('all are handled', () => stats().handled === numbers.length && stats().held === 0, stats);
  deepEqual(
    runs.payloads
      .slice(-numbers.length)
      .map(({ n }) => n)
      .toSorted(),
    numbers,
  );
  await world.until(
    'what was handled is deleted',
    () => store.objects.size === 0,
    () => store.objects.size,
  );
}
