import { deepEqual, equal } from 'node:assert/strict';
import { exponential } from '@omnibus/core';
import { numbersOf, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 3;
const once = exponential({ attempts: 1 });

/**
 * A stop whose deadline passes. One handler does as its signal says and throws, one throws later, one never ends. None of that is
 * a failure of the message: the next service gets all of them as if for the first time, and the dead-letter queue none.
 */
export const whatOutlastsTheStopComesAgain: Scenario = {
  check: 70,
  title: 'a message whose handler outlasts the stop is delivered again, not dead-lettered',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const first = await world.service({ producers: [Notes] });
    const begun = world.journal<number>('the number of begun handlers');
    const thrown = world.journal<number>('the number of handlers that threw');
    const late = world.gate();
    const never = world.gate();
    first.consumer(Notes, { retry: once, concurrency: COUNT }).handle(Note, async ({ n }, { signal }) => {
      const told = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      begun.add(n);
      await [told, late.opened, never.opened][n];
      thrown.add(n);
      throw new Error('it was told to stop');
    });
    await world.start(first);
    await Promise.all(times(COUNT, (n) => first.producer(Notes).send(Note, { n })));
    await begun.reaches(COUNT);
    await world.stop(first, 0);
    await thrown.reaches(1);
    late.open();
    await thrown.reaches(2);

    const next = await world.service();
    const notes = world.handled(Note);
    const dead = world.handled(Note);
    next.consumer(Notes, { retry: once }).handle(Note, notes.handler);
    next.consumer(world.deadLetters(Notes)).handle(Note, dead.handler);
    await world.start(next);
    await notes.reaches(COUNT);
    await world.until('all is settled', () => next.stats.consumers[Notes.name]!.held === 0);
    deepEqual(numbersOf(notes), [0, 1, 2]);
    deepEqual(
      notes.all.map(({ context }) => context.attempt),
      times(COUNT, () => world.firstAttemptAfter(1)),
    );
    equal(dead.all.length, 0, 'dead letters');
  },
};
