import { deepEqual, equal } from 'node:assert/strict';
import { ascending, times } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const ROUND = 20;
const ROUNDS = 3;

/** Paused in the middle of its work, three times, the second time twice: no handler begins until it is resumed, and all are handled. */
export const pausingLosesNothing: Scenario = {
  check: 66,
  title: 'pausing and resuming loses nothing',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const service = await world.service({ producers: [Notes, Memos] });
    const begun = world.journal<number>('the number of begun handlers');
    const done = world.journal<number>('the number of ended handlers');
    const memos = world.handled(Memo);
    let gate = world.gate();
    service.consumer(Notes, { concurrency: 2, window: 4 }).handle(Note, async ({ n }) => {
      begun.add(n);
      await gate.opened;
      done.add(n);
    });
    service.consumer(Memos).handle(Memo, memos.handler);
    await world.start(service);
    const sendNotes = (round: number): Promise<unknown> =>
      Promise.all(times(ROUND, (index) => service.producer(Notes).send(Note, { n: 2 * round * ROUND + index })));

    for (const round of times(ROUNDS, (index) => index)) {
      gate = world.gate();
      await sendNotes(round);
      await begun.reaches(2 * round * ROUND + 2);
      await service.pause(Notes);
      if (round === 1) await service.pause(Notes);
      const running = begun.all.length;
      gate.open();
      await done.reaches(running);
      await sendNotes(round + 0.5);
      await Promise.all(times(ROUND, (n) => service.producer(Memos).send(Memo, { n })));
      await memos.reaches((round + 1) * ROUND); // meanwhile others go on
      equal(begun.all.length, running, 'handlers that began while it was paused');
      await service.resume(Notes);
      await done.reaches(2 * (round + 1) * ROUND);
    }
    deepEqual(
      ascending(done.all),
      times(2 * ROUNDS * ROUND, (n) => n),
    );
    const { handled, lost, retried } = service.stats.consumers[Notes.name]!;
    deepEqual({ handled, lost, retried }, { handled: 2 * ROUNDS * ROUND, lost: 0, retried: 0 });
  },
};
