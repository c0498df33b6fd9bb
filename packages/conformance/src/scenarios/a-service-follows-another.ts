import { deepEqual } from 'node:assert/strict';
import { Consumer, type Context, Handle } from '@omnibus/core';
import { numbersOf, rejection } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** Started, stopped, and another in its place, with the same channels and the same class. What one leaves behind the next finds. */
export const aServiceFollowsAnother: Scenario = {
  check: 68,
  title: 'a service can be followed by another in the same process',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const notes = world.handled(Note);
    @Consumer(Notes)
    class Reader {
      @Handle(Note)
      read(note: { readonly n: number }, context: Context<typeof Note>): void {
        notes.handler(note, context);
      }
    }

    for (const round of [0, 1, 2]) {
      const service = await world.service({ classes: [Reader], producers: [Memos, Notes] });
      await world.start(service);
      await service.producer(Notes).send(Note, { n: round });
      await service.producer(Memos).send(Memo, { n: round });
      await notes.reaches(round + 1);
      await world.stop(service);
      await rejection('CLOSED', service.start());
    }
    deepEqual(
      notes.payloads.map(({ n }) => n),
      [0, 1, 2],
    );

    const last = await world.service();
    const memos = world.handled(Memo);
    last.consumer(Memos).handle(Memo, memos.handler);
    await world.start(last);
    await memos.reaches(3);
    deepEqual(numbersOf(memos), [0, 1, 2]);
  },
};
