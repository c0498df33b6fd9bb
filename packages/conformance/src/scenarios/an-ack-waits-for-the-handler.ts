import { equal } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** An instance goes away while its handler runs: another gets the message. When a handler is done, nobody does. */
export const anAckWaitsForTheHandler: Scenario = {
  check: 26,
  title: 'a message is acknowledged only when its handler is done',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);

    const hasty = await world.service();
    const begun = world.handled(Note);
    const { opened } = world.gate();
    hasty.consumer(Notes, { concurrency: 1 }).handle(Note, async (payload, context) => {
      begun.handler(payload, context);
      await opened;
    });
    await world.start(hasty);
    await sender.producer(Notes).send(Note, { n: 1 });
    await begun.reaches(1);
    await world.stop(hasty, 0);

    const patient = await world.service();
    const done = world.handled(Note);
    patient.consumer(Notes, { concurrency: 1 }).handle(Note, done.handler);
    await world.start(patient);
    await done.reaches(1);
    equal(done.all[0]!.context.id, begun.all[0]!.context.id);
    equal(done.all[0]!.context.attempt, world.firstAttemptAfter(1), 'what is given back has not failed');
    await world.stop(patient);

    const last = await world.service();
    const rest = world.handled(Note);
    last.consumer(Notes, { concurrency: 1 }).handle(Note, rest.handler);
    await world.start(last);
    await sender.producer(Notes).send(Note, { n: 2 });
    await rest.reaches(1);
    equal(rest.payloads[0]!.n, 2, 'what was handled is gone');
  },
};
