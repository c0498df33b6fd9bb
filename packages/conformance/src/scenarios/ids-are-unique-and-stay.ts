import { deepEqual, equal } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 200;

/** Every id is handled twice, since every first attempt fails; the second has the same id, and it is the one that `send` told. */
export const idsAreUniqueAndStay: Scenario = {
  check: 6,
  title: 'ids are unique, and stay the same across redelivery',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const failed = world.journal<string>('the number of first attempts');
    const done = world.journal<string>('the number of second attempts');
    service.consumer(Notes, { retry: soon }).handle(Note, (_, { id, attempt }) => {
      (attempt === 1 ? failed : done).add(id);
      if (attempt === 1) throw new Error('the first attempt always fails');
    });
    await world.start(service);

    const producer = service.producer(Notes);
    const sent = await Promise.all(times(COUNT, (n) => producer.send(Note, { n })));
    const own = await producer.send(Note, { n: COUNT }, { id: 'an id of the application, ø' });
    equal(own.id, 'an id of the application, ø');

    const ids = [...sent, own].map(({ id }) => id).sort();
    equal(new Set(ids).size, COUNT + 1);
    await done.reaches(COUNT + 1);
    deepEqual(failed.all.toSorted(), ids);
    deepEqual(done.all.toSorted(), ids);
  },
};
