import { deepEqual, equal } from 'node:assert/strict';
import { type Channel, exponential, type RetryPolicy } from '@omnibus/core';
import type { ChannelKind } from '@omnibus/core/transport';
import { rejection, times } from '../assertions.js';
import { deadLetters } from '../dead-letters.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const COUNT = 5;
const HOPELESS = 3;
const retry: RetryPolicy = exponential({ attempts: 2, firstMs: 10, maxMs: 20, jitter: 'none' });

type Notes = Channel<ChannelKind, string, typeof Note>;

/** All die while the handler is broken. Sent back by another service they begin anew; the one that dies again tells of both deaths. */
export const deadLettersCanBeSentBack: Scenario = {
  check: 40,
  title: 'dead letters can be sent back to where they came from, and keep their history',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    const ways = [redriven(world, world.queue('direct', { messages: [Note] }))];
    if (world.carries('topic')) ways.push(redriven(world, world.topic('spread', { messages: [Note] }), 'failing'));
    await Promise.all(ways);
  },
};

async function redriven(world: World, channel: Notes, group?: string): Promise<void> {
  const service = await world.service({ producers: [channel] });
  const runs = world.handled(Note);
  const others = world.handled(Note);
  let broken = true;
  const consumer = (of: string | undefined) => {
    const options = { retry, ...(of === undefined ? {} : { group: of }) };
    return service.consumer(channel as Channel<'queue', string, typeof Note>, options as object);
  };
  consumer(group).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (broken || payload.n === HOPELESS) throw new Error(broken ? 'the handler is broken' : 'it is hopeless');
  });
  if (group !== undefined) consumer('fine').handle(Note, others.handler);
  await world.start(service);
  const headers = { tenant: 'acme' };
  for (const n of times(COUNT, (index) => index)) await service.producer(channel).send(Note, { n }, { headers, key: 'k' });
  const stats = () => service.stats.consumers[group === undefined ? channel.name : `${channel.name}/${group}`]!;
  await world.until('all are dead', () => stats().dead === COUNT && stats().held === 0, stats);
  equal(runs.all.length, COUNT * retry.attempts);

  broken = false;
  const operator = await world.service({ producers: [channel] });
  await world.start(operator);
  if (group !== undefined && world.capabilities(channel).native.replay !== undefined) {
    await rejection('CAPABILITY', operator.redrive(channel, group));
    return world.note('what a group of a topic gave up cannot be sent back to it: all groups read one log');
  }
  equal(await operator.redrive(channel, group), COUNT);
  await world.until(
    'all but one are handled',
    () => stats().handled === COUNT - 1 && stats().dead === COUNT + 1 && stats().held === 0,
    stats,
  );
  for (const n of times(COUNT, (index) => index)) {
    const of = runs.all.filter(({ payload }) => payload.n === n);
    deepEqual(
      of.map(({ context }) => context.attempt),
      n === HOPELESS ? [1, 2, 1, 2] : [1, 2, 1],
      'attempts begin anew',
    );
    equal(new Set(of.map(({ context }) => context.id)).size, 1, 'the id is the same');
    for (const { context } of of) deepEqual([context.key, { ...context.headers }], ['k', headers]);
  }
  if (group !== undefined) equal(others.all.length, COUNT, 'a group gets what another has sent back');

  const letters = await deadLetters(world, channel, { group });
  await letters.reaches(1);
  equal(letters.all.length, 1);
  const { payload, death } = letters.all[0]!;
  const { history = [] } = death;
  deepEqual([payload.n, death.error, death.attempts], [HOPELESS, 'Error: it is hopeless', 2]);
  deepEqual(
    history.map(({ reason, attempts, channel: where }) => [reason, attempts, where]),
    [['attempts', 2, channel.name]],
  );
}
