import { deepEqual } from 'node:assert/strict';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 40;

/** Two instances of a service; none goes on before both have got something. Together they handle each message once. */
export const consumersShareAQueue: Scenario = {
  check: 18,
  title: 'consumers of one queue share its messages',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    const both = world.gate();
    const busy = new Set<number>();
    const notes = world.handled(Note);
    const readers = [await world.service(), await world.service()];
    for (const [index, reader] of readers.entries()) {
      reader.consumer(Notes, { concurrency: 1, window: 1 }).handle(Note, async (payload, context) => {
        busy.add(index);
        if (busy.size === readers.length) both.open();
        await both.opened;
        notes.handler(payload, context);
      });
    }
    await world.start(...readers, sender);

    await Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));
    await notes.reaches(COUNT);
    deepEqual(
      numbersOf(notes),
      times(COUNT, (n) => n),
    );
  },
};
