import { deepEqual } from 'node:assert/strict';
import { rejection } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const MAX_MS = 60_000; // longer than anything here takes
const PAST = [-1, -86_400_000, 0, -0, Number.NEGATIVE_INFINITY, undefined];

/** What was due before it is sent is handled at once, before what is due in a minute. What makes no sense is refused. */
export const aDelayThatIsPastIsNoDelay: Scenario = {
  check: 53,
  title: 'a delay that is past already is no delay',
  feature: 'delay',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], maxDelayMs: MAX_MS });
    const service = await world.service({ producers: [Notes] });
    const notes = world.handled(Note);
    service.consumer(Notes, { concurrency: 1 }).handle(Note, notes.handler);
    await world.start(service);

    const producer = service.producer(Notes);
    await producer.send(Note, { n: 99 }, { delayMs: MAX_MS });
    for (const [n, delayMs] of PAST.entries()) await producer.send(Note, { n }, { delayMs });
    await notes.reaches(PAST.length);
    deepEqual(
      notes.payloads.map(({ n }) => n).sort((one, other) => one - other),
      [...PAST.keys()],
    );
    for (const delayMs of [MAX_MS + 1, Number.NaN, Number.POSITIVE_INFINITY])
      await rejection('INVALID', producer.send(Note, { n: 100 }, { delayMs }));
  },
};
