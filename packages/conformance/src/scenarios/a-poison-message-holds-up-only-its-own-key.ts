import { deepEqual, equal } from 'node:assert/strict';
import { type Channel, exponential, type RetryPolicy, reject } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const POISON = 0;
const OTHERS = 20; // fewer than the window, which poison that waits takes up
const WINDOW = 64;

const soon: RetryPolicy = exponential({ attempts: 10_000, firstMs: 20, factor: 1, jitter: 'none' });
const later: RetryPolicy = exponential({ attempts: 10_000, firstMs: 1_050, factor: 1, jitter: 'none' });

/** The poison fails as long as the others are not handled: where it held them up, this would never end. One handler at a time. */
export const aPoisonMessageHoldsUpOnlyItsOwnKey: Scenario = {
  check: 43,
  title: 'a poison message holds up nobody, or only its own key where the channel is ordered',
  async run(world) {
    await Promise.all([
      holdsUpNobody(world, world.queue('soon', { messages: [Note] }), soon),
      holdsUpNobody(world, world.queue('later', { messages: [Note] }), later),
    ]);
    if (world.capabilities(ordered(world)).native.ordering !== undefined) await holdsUpItsKey(world);
    else world.note('queues have no order here, so there is no key that could be held up');
  },
};

const ordered = (world: World) =>
  world.queue('ordered', { messages: [Note], ordered: true, key: ({ n }) => (n % 2 === 0 ? 'even' : 'odd') });

async function holdsUpNobody(world: World, Notes: Channel<'queue', string, typeof Note>, retry: RetryPolicy): Promise<void> {
  const service = await world.service({ producers: [Notes] });
  const others = world.handled(Note);
  const failures = world.journal<number>('the number of failures');
  service.consumer(Notes, { retry, concurrency: 1, window: WINDOW }).handle(Note, (payload, context) => {
    if (payload.n !== POISON) return others.handler(payload, context);
    if (others.all.length === OTHERS) return reject('poison');
    failures.add(context.attempt);
    throw new Error('poison');
  });
  await world.start(service);
  await service.producer(Notes).send(Note, { n: POISON });
  await failures.reaches(1);
  for (const n of times(OTHERS, (index) => index + 1)) await service.producer(Notes).send(Note, { n });
  await others.reaches(OTHERS);
  const stats = () => service.stats.consumers[Notes.name]!;
  await world.until('the poison is dead', () => stats().dead === 1 && stats().held === 0, stats);
  equal(stats().handled, OTHERS);
}

/** The others that share its key come after it, in their order. */
async function holdsUpItsKey(world: World): Promise<void> {
  const Notes = ordered(world);
  const service = await world.service({ producers: [Notes] });
  const steps = world.journal<number>('the number of steps');
  const failures = world.journal<number>('the number of failures');
  service.consumer(Notes, { retry: soon, concurrency: 1, window: WINDOW }).handle(Note, ({ n }, { attempt }) => {
    if (n === POISON && steps.all.length < OTHERS / 2) {
      failures.add(attempt);
      throw new Error('poison');
    }
    steps.add(n);
    return n === POISON ? reject('poison') : undefined;
  });
  await world.start(service);
  await service.producer(Notes).send(Note, { n: POISON });
  await failures.reaches(1);
  const numbers = times(OTHERS, (index) => index + 1);
  for (const n of numbers) await service.producer(Notes).send(Note, { n });
  await steps.reaches(OTHERS + 1);
  const [odd, even] = [numbers.filter((n) => n % 2 === 1), numbers.filter((n) => n % 2 === 0)];
  deepEqual(steps.all, [...odd, POISON, ...even]);
}
