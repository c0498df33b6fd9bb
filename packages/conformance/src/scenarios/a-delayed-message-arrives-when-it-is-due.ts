import { deepEqual, equal, ok } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const DELAY_MS = 2_000;
const LONG_MS = [20 * 60_000, 2 * 24 * 3_600_000] as const;
const EARLY_MS = 25; // clocks that round
const LATE_MS = 5_000; // steps of the broker, and the time that it takes to send

/** Two seconds are waited for; twenty minutes and two days are found at the broker, with the time that they are due. */
export const aDelayedMessageArrivesWhenItIsDue: Scenario = {
  check: 51,
  title: 'a delayed message arrives when it is due, after seconds and after days',
  feature: 'delay',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], maxDelayMs: LONG_MS[1] });
    const service = await world.service({ producers: [Notes] });
    const notes = world.handled(Note);
    const arrivals = world.journal<number>('the number of arrivals');
    service.consumer(Notes, { concurrency: 1 }).handle(Note, (payload, context) => {
      arrivals.add(performance.now());
      notes.handler(payload, context);
    });
    await world.start(service);
    const producer = service.producer(Notes);
    const sentAt = performance.now();
    const headers = { tenant: 'acme' };
    const { id } = await producer.send(Note, { n: 1 }, { delayMs: DELAY_MS, headers, key: 'k' });
    await producer.send(Note, { n: 2 });
    await notes.reaches(2);
    const took = arrivals.all[notes.payloads.findIndex(({ n }) => n === 1)]! - sentAt;
    ok(took >= DELAY_MS - EARLY_MS, `it came after ${took} ms`);
    const { context } = notes.all.find(({ payload }) => payload.n === 1)!;
    deepEqual([context.id, context.key, { ...context.headers }, context.attempt], [id, 'k', headers, 1]);

    const due = world.control('due');
    for (const [index, delayMs] of LONG_MS.entries()) {
      const before = Date.now();
      await producer.send(Note, { n: 3 }, { delayMs });
      const found = await due(Notes.name);
      equal(found.length, index + 1);
      const waits = found[index]! - before;
      ok(waits >= delayMs - EARLY_MS && waits <= delayMs + LATE_MS, `after ${delayMs} ms it is due in ${waits} ms`);
    }
    equal(notes.all.length, 2, 'what is due in days is there already');
  },
};
