import { deepEqual } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { numbersOf } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const GAP_MS = 100; // around the moment that a group begins at: brokers keep time in ms

/**
 * Three messages, a moment, two more. Groups that come later begin at the beginning, at the moment, at a position, at the end; one that
 * runs is moved to the position, to the moment, and to the end.
 */
export const aLateGroupReadsFromWhereItWants: Scenario = {
  check: 22,
  title: 'a late group reads a stream from its beginning, from a time, from a position',
  kind: 'stream',
  feature: 'replay',
  async run(world) {
    const Notes = world.stream('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);
    const send = async (...numbers: readonly number[]): Promise<void> => {
      for (const n of numbers) await sender.producer(Notes).send(Note, { n }, { key: 'one partition' });
    };
    await send(1, 2, 3);
    await pause(GAP_MS);
    const moment = new Date();
    await pause(GAP_MS);
    await send(4, 5);

    const early = await world.service();
    const all = world.handled(Note);
    const deliveries = world.deliveries(Notes);
    early.consumer(Notes, { group: 'all', from: 'first' }).handle(Note, all.handler);
    await world.start(early);
    await all.reaches(5);
    const third = deliveries.all.find(
      ({ delivery }) => delivery.id === all.all.find(({ payload }) => payload.n === 3)!.context.id,
    );
    const position = third!.delivery.position!;

    const late = await world.service();
    const since = world.handled(Note);
    const behind = world.handled(Note);
    const next = world.handled(Note);
    late.consumer(Notes, { group: 'since', from: moment }).handle(Note, since.handler);
    late.consumer(Notes, { group: 'behind', from: { position } }).handle(Note, behind.handler);
    late.consumer(Notes, { group: 'next', from: 'next' }).handle(Note, next.handler);
    await world.start(late);
    await send(6);
    await Promise.all([all.reaches(6), since.reaches(3), behind.reaches(4), next.reaches(1)]);
    deepEqual([all, since, behind, next].map(numbersOf), [[1, 2, 3, 4, 5, 6], [4, 5, 6], [3, 4, 5, 6], [6]]);

    await early.seek(Notes, 'all', { position });
    await all.reaches(6 + 4);
    await early.seek(Notes, 'all', moment);
    await all.reaches(6 + 4 + 3);
    await early.seek(Notes, 'all', 'next');
    await send(7);
    await all.reaches(6 + 4 + 3 + 1);
    deepEqual(numbersOf(all), [1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7]);
  },
};
