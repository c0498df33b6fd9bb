import { deepEqual } from 'node:assert/strict';
import { numbersOf } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** The publisher's configuration names a group that nobody has consumed yet. What is sent waits for it. */
export const aDeclaredGroupMissesNothing: Scenario = {
  check: 19,
  title: 'a group that the configuration names gets what is sent before its first consumer',
  kind: 'topic',
  feature: 'durable',
  async run(world) {
    const Notes = world.topic('notes', { messages: [Note] });
    const config = { channels: { [Notes.name]: { groups: { audit: {} } } } };
    const sender = await world.service({ producers: [Notes], config });
    await world.start(sender);
    for (const n of [1, 2]) await sender.producer(Notes).send(Note, { n });

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes, { group: 'audit' }).handle(Note, notes.handler);
    await world.start(reader);
    await sender.producer(Notes).send(Note, { n: 3 });
    await notes.reaches(3);
    deepEqual(numbersOf(notes), [1, 2, 3]);
  },
};
