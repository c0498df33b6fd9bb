import { deepEqual } from 'node:assert/strict';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 20;

/** Two groups in two services, one of them with two instances that share its messages. */
export const everyGroupGetsEveryMessage: Scenario = {
  check: 17,
  title: 'two groups each get every message',
  kind: 'topic',
  async run(world) {
    const Notes = world.topic('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    const audit = world.handled(Note);
    const mail = world.handled(Note);
    const auditor = await world.service();
    auditor.consumer(Notes, { group: 'audit' }).handle(Note, audit.handler);
    const mailers = [await world.service(), await world.service()];
    for (const mailer of mailers) mailer.consumer(Notes, { group: 'mail' }).handle(Note, mail.handler);
    await world.start(auditor, ...mailers, sender);

    await Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));
    for (const notes of [audit, mail]) {
      await notes.reaches(COUNT);
      deepEqual(
        numbersOf(notes),
        times(COUNT, (n) => n),
      );
    }
  },
};
