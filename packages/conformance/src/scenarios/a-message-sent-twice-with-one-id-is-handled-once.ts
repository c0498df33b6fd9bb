import { deepEqual } from 'node:assert/strict';
import { memoryStore } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 10;

/** Everything is sent three times, the last time when it is handled already, to two services that share what they remember. */
export const aMessageSentTwiceWithOneIdIsHandledOnce: Scenario = {
  check: 58,
  title: 'a message sent twice with one id is handled once',
  feature: 'dedup',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const idempotency = { store: memoryStore({ max: 1_000, ttlMs: 60_000 }) };
    const done = world.handled(Note);
    const deliveries = world.deliveries(Notes);
    const readers = [await world.service({ producers: [Notes] }), await world.service()] as const;
    for (const reader of readers)
      reader.consumer(Notes, { concurrency: 4, retry: soon, idempotency }).handle(Note, (payload, context) => {
        if (payload.n === 0 && context.attempt === 1) throw new Error('a failure is not remembered');
        done.handler(payload, context);
      });
    await world.start(...readers);
    const producer = readers[0].producer(Notes);
    const send = (): Promise<unknown> =>
      Promise.all(times(COUNT, (n) => producer.send(Note, { n }, { id: `${Notes.name} ${n}` })));
    const held = (): number => readers.reduce((sum, { stats }) => sum + stats.consumers[Notes.name]!.held, 0);
    const settled = (): Promise<void> => world.until('nothing is held any more', () => held() === 0, held);

    await send();
    await done.reaches(COUNT);
    await settled();
    await send();
    await send();
    await producer.send(Note, { n: COUNT }, { id: `${Notes.name} ${COUNT}` });
    await done.reaches(COUNT + 1);
    if (world.capabilities(Notes).native.dedup === undefined) await deliveries.reaches(3 * COUNT + 1);
    await settled();
    deepEqual(
      done.payloads.map(({ n }) => n).sort((one, other) => one - other),
      times(COUNT + 1, (n) => n),
    );
  },
};
