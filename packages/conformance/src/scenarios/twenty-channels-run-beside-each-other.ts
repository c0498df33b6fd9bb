import { deepEqual } from 'node:assert/strict';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const CHANNELS = 20;
const COUNT = 50;

/** One service with twenty queues, all of them busy. Every handler waits until all channels run one: none waits for another. */
export const twentyChannelsRunBesideEachOther: Scenario = {
  check: 9,
  title: 'twenty channels run beside each other',
  async run(world) {
    const channels = times(CHANNELS, (index) => world.queue(`notes-${index}`, { messages: [Note] }));
    const service = await world.service({ producers: channels });
    const busy = new Set<number>();
    const all = world.gate();
    const handled = channels.map((channel, index) => {
      const notes = world.handled(Note);
      service.consumer(channel, { concurrency: 4 }).handle(Note, async (payload, context) => {
        busy.add(index);
        if (busy.size === CHANNELS) all.open();
        await all.opened;
        notes.handler(payload, context);
      });
      return notes;
    });
    await world.start(service);

    await Promise.all(channels.flatMap((channel) => times(COUNT, (n) => service.producer(channel).send(Note, { n }))));
    for (const notes of handled) {
      await notes.reaches(COUNT);
      deepEqual(
        numbersOf(notes),
        times(COUNT, (n) => n),
      );
    }
  },
};
