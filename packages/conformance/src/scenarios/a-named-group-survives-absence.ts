import { deepEqual } from 'node:assert/strict';
import { type App, perInstance } from '@omnibus/core';
import { numbersOf } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { Handled } from '../world/journal.js';

interface Reader {
  readonly service: App;
  readonly named: Handled<{ readonly n: number }>;
  readonly own: Handled<{ readonly n: number }>;
}

/** A service has a named group and one of its instance. What is sent while it is away waits for the named one only. */
export const aNamedGroupSurvivesAbsence: Scenario = {
  check: 16,
  title: 'a named group keeps what comes while it is away, and an instance of its own does not',
  kind: 'topic',
  feature: 'durable',
  needs: ['temporary'],
  async run(world) {
    const Notes = world.topic('notes', { messages: [Note] });
    const sender = await world.service({ producers: [Notes] });
    const send = async (...numbers: readonly number[]): Promise<void> => {
      for (const n of numbers) await sender.producer(Notes).send(Note, { n });
    };
    const reader = async (): Promise<Reader> => {
      const service = await world.service();
      const named = world.handled(Note);
      const own = world.handled(Note);
      service.consumer(Notes, { group: 'audit', concurrency: 1 }).handle(Note, named.handler);
      service.consumer(Notes, { group: perInstance, concurrency: 1 }).handle(Note, own.handler);
      await world.start(service);
      return { service, named, own };
    };
    await world.start(sender);

    const first = await reader();
    await send(1);
    await first.named.reaches(1);
    await first.own.reaches(1);
    await world.stop(first.service);
    await send(2, 3);
    const second = await reader();
    await send(4);
    await second.named.reaches(3);
    await second.own.reaches(1);
    deepEqual(numbersOf(second.named), [2, 3, 4]);
    deepEqual(numbersOf(second.own), [4]);
  },
};
