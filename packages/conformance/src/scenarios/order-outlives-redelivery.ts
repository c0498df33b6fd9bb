import { deepEqual, equal } from 'node:assert/strict';
import { reject } from '@omnibus/core';
import { times } from '../assertions.js';
import { deadLetters } from '../dead-letters.js';
import { Note, soon } from '../messages.js';
import { inOrderPerKey, keyOf } from '../orders.js';
import type { Scenario } from '../scenario.js';

const KEYS = 3;
const COUNT = 60;
const fails = (n: number): boolean => n % 5 === 1;
const dies = (n: number): boolean => n % 10 === 4;

/** Some messages fail twice before they succeed, some are given up: none of their key begins before they are done. */
export const orderOutlivesRedelivery: Scenario = {
  check: 47,
  title: 'order per key outlives redelivery',
  feature: 'ordering',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], ordered: true, key: keyOf(KEYS) });
    const service = await world.service({ producers: [Notes] });
    const begun = world.journal<number>('the number of attempts');
    const done = world.journal<number>('the number of messages that are done');
    service.consumer(Notes, { retry: soon }).handle(Note, async ({ n }, { attempt }) => {
      begun.add(n);
      await new Promise(setImmediate); // a turn in which the next one could overtake
      if (fails(n) && attempt <= 2) throw new Error('not yet');
      done.add(n);
      return dies(n) ? reject('given up') : undefined;
    });
    const letters = await deadLetters(world, Notes);
    await world.start(service);
    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
    await done.reaches(COUNT);

    equal(done.all.length, COUNT);
    inOrderPerKey(begun.all, COUNT, KEYS);
    inOrderPerKey(done.all, COUNT, KEYS);
    for (const key of times(KEYS, (index) => index))
      deepEqual(
        begun.all.filter((n) => n % KEYS === key),
        times(COUNT, (n) => n)
          .filter((n) => n % KEYS === key)
          .flatMap((n) => (fails(n) ? [n, n, n] : [n])),
        'none of the key begins between two attempts of another',
      );
    const dead = times(COUNT, (n) => n).filter(dies);
    await letters.reaches(dead.length);
    deepEqual(
      letters.all.map(({ payload }) => payload.n).sort((one, other) => one - other),
      dead,
    );
  },
};
