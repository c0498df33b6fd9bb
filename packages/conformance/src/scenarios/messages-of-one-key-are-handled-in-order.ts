import type { App, Channel } from '@omnibus/core';
import type { ChannelKind } from '@omnibus/core/transport';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import { inOrderPerKey, keyOf } from '../orders.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const KEYS = 7;
const COUNT = 210;
const CONSUMERS = [1, 10];

type Notes = Channel<ChannelKind, string, typeof Note>;

/** One service and ten, many handlers at one time, half of the messages there before them: each key in the order sent. */
export const messagesOfOneKeyAreHandledInOrder: Scenario = {
  check: 46,
  title: 'messages of one key are handled in the order sent, by one consumer and by ten',
  feature: 'ordering',
  async run(world) {
    const spec = { messages: [Note], ordered: true, key: keyOf(KEYS) } as const;
    for (const consumers of CONSUMERS) {
      await inOrder(world, world.queue(`direct-${consumers}`, spec), consumers);
      if (world.carries('topic')) await inOrder(world, world.topic(`spread-${consumers}`, spec), consumers, 'audit');
    }
  },
};

async function inOrder(world: World, channel: Notes, consumers: number, group?: string): Promise<void> {
  const groups = group === undefined ? {} : { channels: { [channel.name]: { groups: { [group]: {} } } } };
  const sender = await world.service({ producers: [channel], config: groups });
  await world.start(sender);
  const send = (from: number, to: number): Promise<unknown> =>
    Promise.all(times(to - from, (index) => sender.producer(channel).send(Note, { n: from + index })));
  await send(0, COUNT / 2);

  const notes = world.handled(Note);
  const readers: App[] = [];
  for (const _ of times(consumers, () => {})) {
    const reader = await world.service();
    const options = { concurrency: 16, ...(group === undefined ? {} : { group }) };
    reader
      .consumer(channel as Channel<'queue', string, typeof Note>, options as object)
      .handle(Note, async (payload, context) => {
        notes.handler(payload, context);
        await new Promise(setImmediate); // a turn in which the next one could overtake
      });
    readers.push(reader);
  }
  const sending = send(COUNT / 2, COUNT);
  await world.start(...readers);
  await sending;
  await notes.reaches(COUNT);
  inOrderPerKey(
    notes.payloads.map(({ n }) => n),
    COUNT,
    KEYS,
  );
  for (const reader of readers) await world.stop(reader);
}
