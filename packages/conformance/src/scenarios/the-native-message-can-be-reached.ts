import { equal, ok } from 'node:assert/strict';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** The first attempt, the second, and the dead letter: each time the handler has what the client library gave for this delivery. */
export const theNativeMessageCanBeReached: Scenario = {
  check: 88,
  title: 'the native message can be reached on its own broker, and nowhere else',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Dead = world.deadLetters(Notes);
    const service = await world.service({ producers: [Notes] });
    const deliveries = [world.deliveries(Notes), world.deliveries(Dead)];
    const notes = world.handled(Note);
    service.consumer(Notes, { retry: { ...soon, attempts: 2 } }).handle(Note, (note, context) => {
      notes.handler(note, context);
      throw new Error('it always fails');
    });
    service.consumer(Dead).handle(Note, notes.handler);
    await world.start(service);
    await service.producer(Notes).send(Note, { n: 1 });
    await notes.reaches(3);

    const given = deliveries.flatMap(({ all }) => all).map(({ delivery }) => delivery.native);
    const kinds = new Set(given.map((native) => typeof native));
    equal(kinds.size, 1, 'every delivery has one, or none has');
    for (const { context } of notes.all) ok(given.includes(context.native), 'the handler was given another');
    const [, , buried] = notes.all;
    equal(buried!.context.native, deliveries[1]!.all[0]!.delivery.native);
    if (kinds.has('undefined')) world.note('this broker has no native message, and the handler sees none');
  },
};
