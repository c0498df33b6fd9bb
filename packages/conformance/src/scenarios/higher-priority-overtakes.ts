import { deepEqual, equal } from 'node:assert/strict';
import { rejection, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const PRIORITIES = 3;
const EACH = 5;

/** All wait when the consumer comes, and it takes one at a time: the highest first, and among equals the one sent first. */
export const higherPriorityOvertakes: Scenario = {
  check: 57,
  title: 'a message of higher priority overtakes those that wait',
  feature: 'priority',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], priorities: PRIORITIES });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);
    const producer = sender.producer(Notes);
    const count = PRIORITIES * EACH;
    for (const n of times(count, (index) => index)) await producer.send(Note, { n }, { priority: n % PRIORITIES });
    for (const priority of [PRIORITIES, -1]) await rejection('INVALID', producer.send(Note, { n: 99 }, { priority }));

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes, { concurrency: 1, window: 1 }).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(count);
    equal(notes.all.length, count);
    deepEqual(
      notes.payloads.map(({ n }) => n),
      times(PRIORITIES, (level) => times(EACH, (index) => index * PRIORITIES + PRIORITIES - 1 - level)).flat(),
    );
  },
};
