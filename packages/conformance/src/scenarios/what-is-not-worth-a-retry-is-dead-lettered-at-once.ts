import { deepEqual, ok } from 'node:assert/strict';
import { exponential, NonRetryable, reject } from '@omnibus/core';
import { deadLetters } from '../dead-letters.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

class Hopeless extends Error {
  override readonly name = 'Hopeless';
}

const retry = exponential({
  rules: [
    { error: Hopeless, use: 'reject' },
    { error: (error) => error instanceof Error && error.message.includes('declined'), use: 'reject' },
    { error: RangeError, use: { attempts: 1 } },
  ],
});

/** How each message fails, by its number, and what its dead letter has to say. */
const WAYS: readonly { readonly fail: () => unknown; readonly says: string }[] = [
  { fail: () => thrown(new NonRetryable('no such account')), says: 'no such account' },
  { fail: () => thrown(new Hopeless('not in this world')), says: 'not in this world' },
  { fail: () => thrown(new Error('card declined')), says: 'card declined' },
  { fail: () => thrown(new RangeError('no such floor')), says: 'no such floor' },
  { fail: () => reject('a duplicate order'), says: 'a duplicate order' },
];

/** An error that says so, rules by class and by predicate, an outcome: one run each, though the policy has five. */
export const whatIsNotWorthARetryIsDeadLetteredAtOnce: Scenario = {
  check: 38,
  title: 'what is not worth a retry is dead-lettered at once',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const runs = world.handled(Note);
    service.consumer(Notes, { retry }).handle(Note, (payload, context) => {
      runs.handler(payload, context);
      return WAYS[payload.n]!.fail() as never;
    });
    const letters = await deadLetters(world, Notes);
    await world.start(service);

    for (const n of WAYS.keys()) await service.producer(Notes).send(Note, { n });
    await letters.reaches(WAYS.length);
    deepEqual(
      runs.payloads.map(({ n }) => n).sort((one, other) => one - other),
      [...WAYS.keys()],
    );
    for (const { payload, death } of letters.all) {
      const { says } = WAYS[payload.n]!;
      deepEqual(death.attempts, 1);
      ok(`${death.reason} ${death.error}`.includes(says), `the dead letter does not say "${says}": ${JSON.stringify(death)}`);
    }
    const { handled, retried, dead } = service.stats.consumers[Notes.name]!;
    deepEqual({ handled, retried, dead }, { handled: 0, retried: 0, dead: WAYS.length });
  },
};

function thrown(error: Error): never {
  throw error;
}
