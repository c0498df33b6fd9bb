import { deepEqual, ok } from 'node:assert/strict';
import { exponential, type RetryPolicy, retry } from '@omnibus/core';
import { numbersOf } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const EARLY_MS = 25; // timers and brokers that round
const LONG_MS = 20_000; // longer than anything here takes: it is never over

interface Delays {
  readonly policy: RetryPolicy;
  /** Least ms between two attempts. */
  readonly gaps: readonly number[];
}

const short: Delays = {
  policy: exponential({ attempts: 5, firstMs: 50, factor: 3, maxMs: 300, jitter: 'none' }),
  gaps: [50, 150, 300, 300],
};
const long: Delays = {
  policy: exponential({ attempts: 3, firstMs: 1_050, factor: 2, maxMs: 10_000, jitter: 'none' }),
  gaps: [1_050, 2_100],
};

/** No attempt before its time, whether the core waits for it or the broker. While one message waits, others are handled. */
export const delaysBetweenAttemptsGrow: Scenario = {
  check: 37,
  title: 'delays between attempts grow as the policy says, and others are handled meanwhile',
  feature: 'retryDelay',
  mandatory: true,
  async run(world) {
    await Promise.all([grow(world, 'short', short), grow(world, 'long', long), asTheHandlerSays(world), othersAreHandled(world)]);
  },
};

async function grow(world: World, name: string, { policy, gaps }: Delays): Promise<void> {
  const Notes = world.queue(name, { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const failedAt = world.journal<number>('the number of attempts');
  service.consumer(Notes, { retry: policy }).handle(Note, () => {
    failedAt.add(performance.now());
    throw new Error('it always fails');
  });
  await world.start(service);
  await service.producer(Notes).send(Note, { n: 1 });
  await failedAt.reaches(policy.attempts);
  notBefore(failedAt.all, gaps);
}

/** A delay that a handler asks for stands for that of the policy. */
async function asTheHandlerSays(world: World): Promise<void> {
  const Notes = world.queue('asked', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const at = world.journal<number>('the number of attempts');
  service.consumer(Notes, { retry: exponential({ firstMs: 0, maxMs: 2_000 }) }).handle(Note, (_, { attempt }) => {
    at.add(performance.now());
    return attempt === 1 ? retry(200) : attempt === 2 ? retry(1_200) : undefined;
  });
  await world.start(service);
  await service.producer(Notes).send(Note, { n: 1 });
  await at.reaches(3);
  notBefore(at.all, [200, 1_200]);
}

async function othersAreHandled(world: World): Promise<void> {
  const Notes = world.queue('others', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const runs = world.handled(Note);
  const policy = exponential({ attempts: 2, firstMs: LONG_MS, maxMs: LONG_MS, jitter: 'none' });
  service.consumer(Notes, { retry: policy, concurrency: 1, window: 1 }).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (payload.n === 0) throw new Error('it always fails');
  });
  await world.start(service);
  for (const n of [0, 1, 2]) await service.producer(Notes).send(Note, { n });
  await runs.reaches(3);
  deepEqual(numbersOf(runs), [0, 1, 2], 'each of them once: the first waits, and an unordered queue promises no order');
}

function notBefore(at: readonly number[], gaps: readonly number[]): void {
  for (const [index, gap] of gaps.entries()) {
    const took = at[index + 1]! - at[index]!;
    ok(took >= gap - EARLY_MS, `attempt ${index + 2} came ${took} ms after the one before, not ${gap}`);
  }
}
