import { deepEqual, equal } from 'node:assert/strict';
import { exponential } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const INSTANCES = 3;
const COUNT = 4;

/** Deliveries that nobody failed are no attempts; failures are, one by one for each message and group, also in another instance. */
export const attemptsCountFailuresNotDeliveries: Scenario = {
  check: 34,
  title: 'attempts start at 1 and count the failures of the handler, not the deliveries of the broker',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    await givenBackIsNoFailure(world);
    await countedForEachMessage(world);
    await anotherInstanceGoesOnCounting(world);
    if (world.carries('topic')) await countedForEachGroup(world);
  },
};

/** Instances go away with the message in a handler, and another that waits behind it. Whoever gets them sees a first attempt. */
async function givenBackIsNoFailure(world: World): Promise<void> {
  const Notes = world.queue('given-back', { messages: [Note] });
  const sender = await world.service({ producers: [Notes] });
  const deliveries = world.deliveries(Notes);
  const { opened } = world.gate();
  const runs = world.handled(Note);
  await world.start(sender);
  for (const n of [1, 2]) await sender.producer(Notes).send(Note, { n });
  for (const index of times(INSTANCES, (each) => each)) {
    const service = await world.service();
    service.consumer(Notes, { concurrency: 1, window: 2 }).handle(Note, async (payload, context) => {
      runs.handler(payload, context);
      await opened;
    });
    await world.start(service);
    await runs.reaches(index + 1);
    await deliveries.reaches(2 * (index + 1));
    await world.stop(service, 0);
  }
  const last = await world.service();
  last.consumer(Notes).handle(Note, runs.handler);
  await world.start(last);
  await runs.reaches(INSTANCES + 2);
  const attempts = runs.all.map(({ context }) => context.attempt);
  const firsts = times(INSTANCES + 2, (index) => world.firstAttemptAfter(Math.min(index, INSTANCES)));
  deepEqual(attempts, firsts, 'what was only given back is a first attempt');
}

/** Message n fails n times. */
async function countedForEachMessage(world: World): Promise<void> {
  const Notes = world.queue('each', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const runs = world.handled(Note);
  service.consumer(Notes, { retry: soon }).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (context.attempt <= payload.n) throw new Error('not yet');
  });
  await world.start(service);
  await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
  await world.until('all is handled', () => service.stats.consumers[Notes.name]!.handled === COUNT);
  for (const n of times(COUNT, (index) => index))
    deepEqual(
      runs.all.filter(({ payload }) => payload.n === n).map(({ context }) => context.attempt),
      times(n + 1, (index) => index + 1),
    );
}

/** The first attempt fails, its delay is long enough to be kept by the broker, and when it is over another instance is there. */
async function anotherInstanceGoesOnCounting(world: World): Promise<void> {
  const Notes = world.queue('another', { messages: [Note] });
  const retry = exponential({ attempts: 3, firstMs: 1_050, maxMs: 1_050, jitter: 'none' });
  const first = await world.service({ producers: [Notes] });
  first.consumer(Notes, { retry }).handle(Note, () => {
    throw new Error('the first instance always fails');
  });
  await world.start(first);
  await first.producer(Notes).send(Note, { n: 1 });
  const stats = () => first.stats.consumers[Notes.name]!;
  await world.until('the retry is up to the broker', () => stats().retried === 1 && stats().held === 0, stats);
  await world.stop(first);

  const second = await world.service();
  const runs = world.handled(Note);
  second.consumer(Notes, { retry }).handle(Note, runs.handler);
  await world.start(second);
  await runs.reaches(1);
  equal(runs.all[0]!.context.attempt, 2);
}

/** What one group fails is no failure of the other. */
async function countedForEachGroup(world: World): Promise<void> {
  const Notes = world.topic('groups', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const failing = world.handled(Note);
  const fine = world.handled(Note);
  service.consumer(Notes, { group: 'failing', retry: soon }).handle(Note, (payload, context) => {
    failing.handler(payload, context);
    if (context.attempt < 3) throw new Error('not yet');
  });
  service.consumer(Notes, { group: 'fine' }).handle(Note, fine.handler);
  await world.start(service);
  await service.producer(Notes).send(Note, { n: 1 });
  await Promise.all([failing.reaches(3), fine.reaches(1)]);
  const attempts = [failing, fine].map(({ all }) => all.map(({ context }) => context.attempt));
  deepEqual(attempts, [[1, 2, 3], [1]]);
}
