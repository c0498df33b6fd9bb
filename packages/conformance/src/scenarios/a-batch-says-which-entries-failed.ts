import { deepEqual, equal, ok } from 'node:assert/strict';
import { isMessagingError, type SendResult } from '@omnibus/core';
import { Note, once } from '../messages.js';
import type { Scenario } from '../scenario.js';

const ROOM = 3;
const SEND_MS = 1_500; // for the queue to stay full
const BATCH = [0, 1, 2, Number.NaN, 4, 5, 6, 7]; // in the middle of them what no schema takes

/** A batch for which the queue has too little room. Each entry says what became of it, and what it says is true. */
export const aBatchSaysWhichEntriesFailed: Scenario = {
  check: 13,
  title: 'a batch that fails in part says which entries failed',
  async run(world) {
    const makeSmallQueue = world.control('makeSmallQueue');
    const Notes = world.queue('notes', { messages: [Note] });
    await makeSmallQueue(Notes.name, ROOM);
    const sender = await world.service({ producers: [Notes], config: { provision: 'assume', sendTimeoutMs: SEND_MS } });
    await world.start(sender);

    const results = await sender.producer(Notes).sendAll(
      Note,
      BATCH.map((n) => ({ n })),
    );
    equal(results.length, BATCH.length);
    equal(new Set(results.map(({ id }) => id)).size, BATCH.length);
    const invalid = results[BATCH.findIndex(Number.isNaN)]!;
    ok('error' in invalid && isMessagingError(invalid.error, 'INVALID'), 'the entry that does not fit the schema is INVALID');

    const accepted = idsOf(results, (result) => !('error' in result));
    const open = idsOf(
      results,
      (result) => 'error' in result && isMessagingError(result.error) && result.error.outcome === 'unknown',
    );
    ok(accepted.length >= ROOM && accepted.length < BATCH.length - 1, `${accepted.length} entries were accepted`);

    const reader = await world.service({ config: { provision: 'assume' } });
    const notes = world.handled(Note);
    reader.consumer(Notes, { retry: once }).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(accepted.length);
    const arrived = notes.all.map(({ context }) => context.id).sort();
    deepEqual(
      arrived.filter((id) => !open.includes(id)),
      accepted,
    );
  },
};

const idsOf = (results: readonly SendResult[], which: (result: SendResult) => boolean): string[] =>
  results
    .filter(which)
    .map(({ id }) => id)
    .sort();
