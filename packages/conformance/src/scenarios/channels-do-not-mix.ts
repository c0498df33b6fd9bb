import { deepEqual } from 'node:assert/strict';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 50;

/** Two channels with one message type, and names that differ in their last letter only. */
export const channelsDoNotMix: Scenario = {
  check: 8,
  title: 'two channels do not mix',
  async run(world) {
    const Even = world.queue('notes-a', { messages: [Note] });
    const Odd = world.queue('notes-b', { messages: [Note] });
    const service = await world.service({ producers: [Even, Odd] });
    const even = world.handled(Note);
    const odd = world.handled(Note);
    service.consumer(Even).handle(Note, even.handler);
    service.consumer(Odd).handle(Note, odd.handler);
    await world.start(service);

    const numbers = times(COUNT, (n) => n);
    await Promise.all(numbers.map((n) => service.producer(n % 2 === 0 ? Even : Odd).send(Note, { n })));
    await even.reaches(COUNT / 2);
    await odd.reaches(COUNT / 2);
    deepEqual(
      numbersOf(even),
      numbers.filter((n) => n % 2 === 0),
    );
    deepEqual(
      numbersOf(odd),
      numbers.filter((n) => n % 2 === 1),
    );
  },
};
