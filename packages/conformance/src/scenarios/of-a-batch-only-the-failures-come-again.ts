import { deepEqual, ok } from 'node:assert/strict';
import { reject, retry } from '@omnibus/core';
import { times } from '../assertions.js';
import { deadLetters } from '../dead-letters.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 20;
const BATCH = 5;
const WAIT_MS = 200;

/** What becomes of message `n` at its first attempt: one of three succeeds, the others are tried again or given up. */
const fate = (n: number) => (n % 3 === 0 ? undefined : n % 3 === 1 ? retry() : reject('given up'));

/** A batch handler says for each message what becomes of it; another one throws, which is a failure of all that it was given. */
export const ofABatchOnlyTheFailuresComeAgain: Scenario = {
  check: 33,
  title: 'of a batch that fails in part only the failures come again',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Whole = world.queue('whole', { messages: [Note] });
    const service = await world.service({ producers: [Notes, Whole] });
    const runs = world.journal<readonly [n: number, attempt: number]>('the number of attempts');
    const batches: number[] = [];
    const options = { batch: BATCH, waitMs: WAIT_MS };
    service.consumer(Notes, { retry: soon }).handle(Note, options, (payloads, { messages }) => {
      batches.push(payloads.length);
      payloads.forEach(({ n }, index) => runs.add([n, messages[index]!.attempt]));
      return payloads.map(({ n }, index) => (messages[index]!.attempt === 1 ? fate(n) : undefined));
    });
    const whole = world.journal<readonly [n: number, attempt: number]>('the number of attempts in the batch that throws');
    service.consumer(Whole, { retry: soon }).handle(Note, options, (payloads, { messages }) => {
      payloads.forEach(({ n }, index) => whole.add([n, messages[index]!.attempt]));
      if (messages.some(({ attempt }) => attempt === 1)) throw new Error('all of them');
    });
    const letters = await deadLetters(world, Notes);
    await world.start(service);

    const numbers = times(COUNT, (n) => n);
    for (const channel of [Notes, Whole])
      await service.producer(channel).sendAll(
        Note,
        numbers.map((n) => ({ n })),
      );
    const of = (kind: number): number[] => numbers.filter((n) => n % 3 === kind);
    await letters.reaches(of(2).length);
    const stats = (name: string) => service.stats.consumers[name]!;
    await world.until(
      'every message is settled',
      () => stats(Notes.name).handled === COUNT - of(2).length && stats(Whole.name).handled === COUNT,
      () => [stats(Notes.name), stats(Whole.name)],
    );

    const attemptsOf = (all: typeof runs.all, n: number): number[] =>
      all.filter(([each]) => each === n).map(([, attempt]) => attempt);
    for (const n of numbers) deepEqual(attemptsOf(runs.all, n), n % 3 === 1 ? [1, 2] : [1], `the attempts of message ${n}`);
    for (const n of numbers) {
      const attempts = attemptsOf(whole.all, n);
      deepEqual(
        attempts,
        times(attempts.length, (index) => index + 1),
      );
      ok(attempts.length >= 2, 'where the whole batch fails, each of its messages comes again');
    }
    deepEqual(
      letters.all.map(({ payload }) => payload.n).sort((one, other) => one - other),
      of(2),
    );
    ok(batches.every((size) => size <= BATCH) && batches.some((size) => size > 1), `batches of ${batches.join(', ')}`);
    const { retried, dead } = stats(Notes.name);
    deepEqual({ retried, dead }, { retried: of(1).length, dead: of(2).length });
  },
};
