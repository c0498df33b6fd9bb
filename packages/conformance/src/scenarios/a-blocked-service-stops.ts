import { deepEqual, equal, ok } from 'node:assert/strict';
import { isMessagingError } from '@omnibus/core';
import { numbersOf, times } from '../assertions.js';
import { Bytes, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const STOP_MS = 300;
const COUNT = 3;
const SENDS = 100;
const SEND_BYTES = 64 * 1024; // together more than a send buffer likes, and as much as any broker takes in one message

/** Settlements that never reach the broker, then sends that never do. The stop ends at its deadline, and nobody is left in doubt. */
export const aBlockedServiceStops: Scenario = {
  check: 72,
  title: 'a service stops while it waits for a settlement or for room to send',
  async run(world) {
    await blockedBySettlements(world);
    await blockedBySends(world);
  },
};

/** What could not be settled comes again. */
async function blockedBySettlements(world: World): Promise<void> {
  const Notes = world.queue('notes', { messages: [Note] });
  const { opened } = world.gate();
  const blocked = await world.service({
    producers: [Notes],
    interceptors: [
      () => ({
        async settle(_count, _verdict, next) {
          await opened;
          await next();
        },
      }),
    ],
  });
  const notes = world.handled(Note);
  blocked.consumer(Notes).handle(Note, notes.handler);
  await world.start(blocked);
  await Promise.all(times(COUNT, (n) => blocked.producer(Notes).send(Note, { n })));
  await notes.reaches(COUNT);
  await world.stop(blocked, STOP_MS);

  const next = await world.service();
  const again = world.handled(Note);
  next.consumer(Notes).handle(Note, again.handler);
  await world.start(next);
  await again.reaches(COUNT);
  deepEqual(numbersOf(again), [0, 1, 2]);
}

/** Every caller is told: the handler that waits for its send, and the plain code. */
async function blockedBySends(world: World): Promise<void> {
  const Blobs = world.queue('blobs', { messages: [Bytes] });
  const Starts = world.queue('starts', { messages: [Note] });
  const { opened } = world.gate();
  const blocked = await world.service({
    producers: [Blobs, Starts],
    config: { sendTimeoutMs: 10 * world.deadlineMs }, // it is the stop that ends them
    interceptors: [
      ({ direction, channel }) =>
        direction === 'send' && channel === Blobs.name
          ? {
              async send(_count, next) {
                await opened;
                await next();
              },
            }
          : undefined,
    ],
  });
  const begun = world.journal<number>('the number of begun handlers');
  const told = world.journal<unknown>('the number of sends that ended');
  const send = (): Promise<unknown> =>
    blocked
      .producer(Blobs)
      .send(Bytes, new Uint8Array(SEND_BYTES))
      .then(() => told.add('sent'), told.add);
  blocked.consumer(Starts).handle(Note, async ({ n }) => {
    begun.add(n);
    await send();
  });
  await world.start(blocked);
  await blocked.producer(Starts).send(Note, { n: 1 });
  await begun.reaches(1);
  const sends = times(SENDS, send);
  await world.stop(blocked, STOP_MS);
  await Promise.all(sends);
  await told.reaches(SENDS + 1);
  equal(told.all.length, SENDS + 1);
  for (const error of told.all)
    ok(isMessagingError(error) && ['TIMEOUT', 'CLOSED'].includes(error.code), `a blocked send ended with ${String(error)}`);
}
