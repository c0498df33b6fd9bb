import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { numbersOf } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const PAUSE_MS = 300; // long enough for a confirm that must not come; a slow machine can only hide a fault, not invent one

/** A broker that confirms nothing lets no send resolve. What was confirmed survives the sender, which is gone when it is read. */
export const aSendResolvesWhenTheBrokerHasTheMessage: Scenario = {
  check: 11,
  title: 'a send resolves only when the broker has the message',
  alone: true,
  async run(world) {
    const holdSends = world.control('holdSends');
    const Notes = world.queue('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);
    const producer = sender.producer(Notes);
    await producer.send(Note, { n: 1 });

    let confirmed = false;
    const hold = await holdSends(Notes.name);
    const sending = producer.send(Note, { n: 2 }).then(() => {
      confirmed = true;
    });
    await pause(PAUSE_MS);
    equal(confirmed, false, 'the send resolved while the broker confirmed nothing');
    await hold.release();
    await sending;
    await world.stop(sender);

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(2);
    deepEqual(numbersOf(notes), [1, 2]);
  },
};
