import { deepEqual } from 'node:assert/strict';
import { NonRetryable, reject, retry } from '@omnibus/core';
import { deadLetters } from '../dead-letters.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

type Step = 'ok' | 'throw' | 'retry' | 'retry in 5 ms' | 'retry in an hour' | 'reject' | 'hopeless' | 'hang';

/** What the handler does at each attempt of a message, and how often it is run. The last step stands for all that follow. */
const SCRIPT: readonly { readonly steps: readonly [Step, ...Step[]]; readonly runs: number; readonly dies?: string }[] = [
  { steps: ['ok'], runs: 1 },
  { steps: ['throw', 'ok'], runs: 2 },
  { steps: ['retry', 'throw', 'retry in 5 ms', 'hang', 'ok'], runs: 5 },
  { steps: ['throw'], runs: 5, dies: 'attempts' },
  { steps: ['retry in 5 ms'], runs: 5, dies: 'attempts' },
  { steps: ['retry in an hour'], runs: 5, dies: 'attempts' }, // more than the policy allows is a failure like any other
  { steps: ['hang'], runs: 5, dies: 'attempts' },
  { steps: ['throw', 'throw', 'reject'], runs: 3, dies: 'no use' },
  { steps: ['hopeless'], runs: 1, dies: 'non-retryable' },
  { steps: ['throw', 'hopeless'], runs: 2, dies: 'non-retryable' },
];
const TIMEOUT_MS = 100;

/** Every way to fail, in one script with one set of expected numbers: nothing in it depends on the transport. */
export const aScriptOfFailuresHasTheSameCountsEverywhere: Scenario = {
  check: 45,
  title: 'one script of failures gives the same counts on every transport',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const runs = world.handled(Note);
    const { opened } = world.gate();
    const act: Readonly<Record<Step, () => unknown>> = {
      ok: () => undefined,
      throw: () => thrown(new Error('as the script says')),
      retry: () => retry(),
      'retry in 5 ms': () => retry(5),
      'retry in an hour': () => retry(3_600_000),
      reject: () => reject('no use'),
      hopeless: () => thrown(new NonRetryable('as the script says')),
      hang: () => opened,
    };
    service.consumer(Notes, { retry: soon, handlerTimeoutMs: TIMEOUT_MS }).handle(Note, (payload, context) => {
      runs.handler(payload, context);
      const { steps } = SCRIPT[payload.n]!;
      return act[steps[context.attempt - 1] ?? steps.at(-1)!]() as void;
    });
    const letters = await deadLetters(world, Notes);
    await world.start(service);

    for (const n of SCRIPT.keys()) await service.producer(Notes).send(Note, { n });
    const mortal = SCRIPT.filter(({ dies }) => dies !== undefined);
    const stats = () => service.stats.consumers[Notes.name]!;
    await world.until(
      'every message is settled',
      () => stats().handled + stats().dead === SCRIPT.length && stats().held === 0,
      stats,
    );
    await letters.reaches(mortal.length);

    const made = [...SCRIPT.keys()].map((n) => runs.payloads.filter((payload) => payload.n === n).length);
    deepEqual(
      made,
      SCRIPT.map((line) => line.runs),
    );
    deepEqual(
      [...SCRIPT.keys()].map((n) => letters.all.find(({ payload }) => payload.n === n)?.death.reason),
      SCRIPT.map(({ dies }) => dies),
    );
    for (const { payload, death } of letters.all) deepEqual(death.attempts, SCRIPT[payload.n]!.runs);
    const { handled, retried, dead, skipped, expired, lost } = stats();
    deepEqual(
      { handled, retried, dead, skipped, expired, lost },
      {
        handled: SCRIPT.length - mortal.length,
        retried: SCRIPT.reduce((sum, line) => sum + line.runs - 1, 0),
        dead: mortal.length,
        skipped: 0,
        expired: 0,
        lost: 0,
      },
    );
  },
};

function thrown(error: Error): never {
  throw error;
}
