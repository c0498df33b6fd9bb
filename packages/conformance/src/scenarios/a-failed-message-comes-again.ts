import { deepEqual } from 'node:assert/strict';
import { exponential, type RetryPolicy } from '@omnibus/core';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const later: RetryPolicy = exponential({ attempts: 3, firstMs: 1_200, maxMs: 1_200, jitter: 'none' });

/** A handler throws once. The message comes again after a delay that the core may wait for, and after one that the broker keeps. */
export const aFailedMessageComesAgain: Scenario = {
  check: 27,
  title: 'a failed message comes again',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    for (const [name, retry] of Object.entries({ soon, later })) {
      const Notes = world.queue(name, { messages: [Note] });
      const service = await world.service({ producers: [Notes] });
      const notes = world.handled(Note);
      service.consumer(Notes, { retry }).handle(Note, (payload, context) => {
        notes.handler(payload, context);
        if (context.attempt === 1) throw new Error('the first attempt always fails');
      });
      await world.start(service);

      const headers = { tenant: 'acme' };
      const { id } = await service.producer(Notes).send(Note, { n: 1 }, { headers, key: 'k' });
      await notes.reaches(2);
      await world.until('the message is settled', () => service.stats.consumers[Notes.name]!.held === 0);
      deepEqual(
        notes.all.map(({ payload, context }) => ({ ...payload, id: context.id, attempt: context.attempt, key: context.key })),
        [1, 2].map((attempt) => ({ n: 1, id, attempt, key: 'k' })),
      );
      for (const { context } of notes.all) deepEqual({ ...context.headers }, headers);
      const { handled, retried, dead } = service.stats.consumers[Notes.name]!;
      deepEqual({ handled, retried, dead }, { handled: 1, retried: 1, dead: 0 });
    }
  },
};
