import { ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 200;
const IDLE_MS = 2_000;
const BUDGET = 3; // calls of receive in that time; each waits up to 20 s where the broker lets it

/** An idle consumer, before its first message and after its last. A consumer that spins would make thousands of calls. */
export const anEmptyQueueCostsLittle: Scenario = {
  check: 67,
  title: 'an empty queue costs no more polls than its budget',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const notes = world.handled(Note);
    service.consumer(Notes).handle(Note, notes.handler);
    await world.start(service);
    const idle = async (): Promise<void> => {
      const before = world.polls(Notes);
      await pause(IDLE_MS);
      const calls = world.polls(Notes) - before;
      ok(calls <= BUDGET, `${calls} calls of receive in ${IDLE_MS} ms without a message`);
    };

    await idle();
    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
    await notes.reaches(COUNT);
    await world.until('all is settled', () => service.stats.consumers[Notes.name]!.held === 0);
    await world.until('the consumer asks again', () => world.polls(Notes) > 1);
    await idle();
  },
};
