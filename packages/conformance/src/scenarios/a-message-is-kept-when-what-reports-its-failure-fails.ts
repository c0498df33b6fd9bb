import { deepEqual, equal } from 'node:assert/strict';
import { exponential, type InterceptorFactory, type Logger, type RetryPolicy } from '@omnibus/core';
import { times } from '../assertions.js';
import { deadLetters } from '../dead-letters.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { ServiceOptions, World } from '../world/world.js';

const COUNT = 4;
const retry: RetryPolicy = exponential({ attempts: 3, firstMs: 10, maxMs: 20, jitter: 'none' });

const fail = (what: string): never => {
  throw new Error(`${what} fails`);
};
const nothing = (): void => {};
const logger: Logger = { debug: nothing, info: nothing, warn: () => fail('the log'), error: () => fail('the log') };
const receiving =
  (hooks: NonNullable<ReturnType<InterceptorFactory>>): InterceptorFactory =>
  ({ direction }) =>
    direction === 'receive' ? hooks : undefined;

/** What hears of a failure, and fails. */
const REPORTERS: Readonly<Record<string, ServiceOptions>> = {
  log: { logger },
  'before-settling': { interceptors: [receiving({ settle: async () => fail('the hook') })] },
  'after-settling': {
    interceptors: [
      receiving({
        async settle(_count, _verdict, next) {
          await next();
          fail('the hook');
        },
      }),
    ],
  },
  'around-the-handler': {
    interceptors: [
      receiving({
        async process(_delivery, next) {
          await next().catch(() => fail('the hook'));
        },
      }),
    ],
  },
};

/** Half of the messages fail once, the others for good. Log and hooks fail besides, and change nothing about what becomes of them. */
export const aMessageIsKeptWhenWhatReportsItsFailureFails: Scenario = {
  check: 42,
  title: 'a message is kept when what reports its failure fails itself',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    await Promise.all(Object.entries(REPORTERS).map(([name, options]) => nothingChanges(world, name, options)));
  },
};

async function nothingChanges(world: World, name: string, options: ServiceOptions): Promise<void> {
  const Notes = world.queue(name, { messages: [Note] });
  const sender = await world.service({ producers: [Notes] });
  const service = await world.service(options);
  const runs = world.handled(Note);
  service.consumer(Notes, { retry }).handle(Note, (payload, context) => {
    runs.handler(payload, context);
    if (payload.n % 2 === 1 || context.attempt === 1) throw new Error('as it should');
  });
  const letters = await deadLetters(world, Notes);
  await world.start(sender, service);
  for (const n of times(COUNT, (index) => index)) await sender.producer(Notes).send(Note, { n });
  await letters.reaches(COUNT / 2);
  const stats = () => service.stats.consumers[Notes.name]!;
  await world.until(
    `everything is settled although "${name}" fails`,
    () => stats().held === 0 && stats().handled === COUNT / 2,
    stats,
  );
  deepEqual(
    times(COUNT, (n) => runs.payloads.filter((payload) => payload.n === n).length),
    times(COUNT, (n) => (n % 2 === 1 ? retry.attempts : 2)),
  );
  equal(letters.all.length, COUNT / 2);
  for (const { death } of letters.all) equal(death.error, 'Error: as it should');
}
