import { deepEqual } from 'node:assert/strict';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 20;

/** Nobody consumes the queue while it is sent to, and who sent is gone when somebody does. */
export const aMessageWaitsForItsConsumer: Scenario = {
  check: 15,
  title: 'a message waits for a consumer that comes later',
  feature: 'durable',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);
    await Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));
    await world.stop(sender);

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(COUNT);
    deepEqual(
      numbersOf(notes),
      times(COUNT, (n) => n),
    );
  },
};
