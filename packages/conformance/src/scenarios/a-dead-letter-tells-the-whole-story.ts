import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Channel } from '@omnibus/core';
import type { ChannelKind } from '@omnibus/core/transport';
import { type DeadLetter, deadLetters } from '../dead-letters.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const HEADERS = { tenant: 'acme', unicode: 'größe ✓', empty: '' };
const LONG = 'the same again and again, '.repeat(1_000); // 26,000 characters: what no header should carry

/** A message of a queue, and of a group of a topic, dies. All that it was is kept, and how it died is told once, within bounds. */
export const aDeadLetterTellsTheWholeStory: Scenario = {
  check: 39,
  title: 'a dead letter carries body, headers, error, attempts and where it came from',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    await diesOn(world, world.queue('direct', { messages: [Note] }));
    if (world.carries('topic')) await diesOn(world, world.topic('spread', { messages: [Note] }), 'audit');
  },
};

async function diesOn(world: World, channel: Channel<ChannelKind, string, typeof Note>, group?: string): Promise<void> {
  const service = await world.service({ producers: [channel] });
  const deliveries = world.deliveries(channel);
  const options = { retry: soon, ...(group === undefined ? {} : { group }) };
  service.consumer(channel as Channel<'queue', string, typeof Note>, options as object).handle(Note, ({ n }) => {
    if (n === 1) throw new TypeError('no address of the customer');
    throw new Error(LONG);
  });
  const letters = await deadLetters(world, channel, { group });
  await world.start(service);

  const before = Date.now();
  const { id } = await service.producer(channel).send(Note, { n: 1 }, { key: 'k', headers: HEADERS });
  await service.producer(channel).send(Note, { n: 2 });
  await letters.reaches(2);
  const after = Date.now();
  const [letter, long] = [1, 2].map((n) => letters.all.find(({ payload }) => payload.n === n)!) as [DeadLetter, DeadLetter];

  const { context, delivery, death } = letter;
  deepEqual({ ...context.headers }, HEADERS);
  deepEqual([context.id, context.key, context.correlationId], [id, 'k', id]);
  const original = deliveries.all.find((each) => each.delivery.id === id)!.delivery;
  for (const field of ['type', 'time', 'contentType'] as const) equal(delivery[field], original[field]);
  deepEqual(Buffer.from(delivery.body), Buffer.from(original.body));

  const { first, last, error, ...rest } = death;
  deepEqual(rest, {
    reason: 'attempts',
    attempts: soon.attempts,
    channel: channel.name,
    ...(group === undefined ? {} : { group }),
  });
  equal(error, 'TypeError: no address of the customer');
  const [began, ended] = [Date.parse(first), Date.parse(last)];
  ok(before <= began && began <= ended && ended <= after, `it died from ${first} to ${last}`);
  const size = Buffer.byteLength(long.delivery.headers['omnibus-dead']!);
  ok(size < 4_096, `the story of a long error takes ${size} bytes`);
  ok(long.death.error!.startsWith(`Error: ${LONG.slice(0, 500)}`), 'the beginning of a long error is kept');
}
