import { deepEqual } from 'node:assert/strict';
import { retry } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 20;
const FAILURES = 3;

/** Every message fails three times, each time in another way: by an error, by a wish to retry, by one with a delay. */
export const failingSeveralTimesLosesNothing: Scenario = {
  check: 28,
  title: 'a message that fails several times and then succeeds is not lost',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const done = world.journal<number>('the number of messages that succeeded');
    const attempts = new Map<number, number[]>();
    service.consumer(Notes, { retry: soon }).handle(Note, ({ n }, { attempt }) => {
      attempts.set(n, [...(attempts.get(n) ?? []), attempt]);
      if (attempt === 1) throw new Error('the first attempt always fails');
      if (attempt <= FAILURES) return attempt === 2 ? retry() : retry(5);
      done.add(n);
      return undefined;
    });
    await world.start(service);

    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
    await done.reaches(COUNT);
    deepEqual(
      done.all.toSorted((one, other) => one - other),
      times(COUNT, (n) => n),
    );
    for (const made of attempts.values())
      deepEqual(
        made,
        times(FAILURES + 1, (index) => index + 1),
      );
    const { handled, retried, dead } = service.stats.consumers[Notes.name]!;
    deepEqual({ handled, retried, dead }, { handled: COUNT, retried: COUNT * FAILURES, dead: 0 });
  },
};
