import { deepEqual, equal } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import { inOrderPerKey, keyOf } from '../orders.js';
import type { Scenario } from '../scenario.js';

const KEYS = 4;
const COUNT = 40; // fewer than the window, which those that wait behind a busy key take up

/** Every handler waits until all keys run one. Then one key is held in its handler, and the others go on to their end. */
export const differentKeysAreHandledBesideEachOther: Scenario = {
  check: 49,
  title: 'different keys are handled beside each other',
  feature: 'ordering',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], ordered: true, key: keyOf(KEYS) });
    const service = await world.service({ producers: [Notes] });
    const begun = world.journal<number>('the number of handlers begun');
    const done = world.journal<number>('the number of handlers done');
    const running = new Set<string>();
    const all = world.gate();
    const held = world.gate();
    let atOnce = 0;
    service.consumer(Notes, { concurrency: KEYS, window: 2 * COUNT }).handle(Note, async ({ n }, { key }) => {
      equal(running.has(key!), false, 'one key at one time');
      begun.add(n);
      running.add(key!);
      atOnce = Math.max(atOnce, running.size);
      if (running.size === KEYS) all.open();
      await all.opened;
      if (n === 0) await held.opened;
      running.delete(key!);
      done.add(n);
    });
    await world.start(service);
    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
    await done.reaches(COUNT - COUNT / KEYS);
    deepEqual(
      begun.all.filter((n) => n % KEYS === 0),
      [0],
      'the key that is held waits',
    );
    held.open();
    await done.reaches(COUNT);
    equal(atOnce, KEYS);
    inOrderPerKey(begun.all, COUNT, KEYS);
  },
};
