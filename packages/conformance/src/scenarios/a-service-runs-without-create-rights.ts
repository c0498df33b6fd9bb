import { deepEqual } from 'node:assert/strict';
import { reject } from '@omnibus/core';
import { numbersOf, rejection, times } from '../assertions.js';
import { Memo, Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 5;

/** Somebody else made everything, and the broker lets nobody make more. A service that asks for nothing sends, fails, retries and buries. */
export const aServiceRunsWithoutCreateRights: Scenario = {
  check: 85,
  title: 'a service runs without the right to create anything',
  alone: true,
  async run(world) {
    const denyCreation = world.control('denyCreation');
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const New = world.queue('new', { messages: [Note] });
    const notes = world.handled(Note);
    const memos = world.handled(Memo);
    const dead = world.handled(Note);
    const make = async (provision: 'create' | 'assume') => {
      const service = await world.service({ producers: [Notes, Memos], config: { provision } });
      service.consumer(Memos).handle(Memo, memos.handler);
      service.consumer(world.deadLetters(Notes)).handle(Note, dead.handler);
      service.consumer(Notes, { retry: soon }).handle(Note, async (note, context) => {
        notes.handler(note, context);
        if (note.n === 0) return reject('it is not wanted');
        if (note.n === 1 && context.attempt === 1) throw new Error('the first attempt fails');
        await service.producer(Memos).send(Memo, note);
        return undefined;
      });
      return service;
    };
    const administrator = await make('create');
    await world.start(administrator);
    await world.stop(administrator);

    const denied = await denyCreation();
    try {
      const maker = await world.service({ producers: [New] });
      await rejection('DENIED', maker.start());
      await world.start(await world.service({ producers: [New], config: { provision: 'assume' } }));

      const service = await make('assume');
      await world.start(service);
      await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
      await memos.reaches(COUNT - 1);
      await dead.reaches(1);
      deepEqual(numbersOf(memos), [1, 2, 3, 4]);
      deepEqual(dead.payloads, [{ n: 0 }]);
      await world.stop(service);
    } finally {
      await denied.restore();
    }
  },
};
