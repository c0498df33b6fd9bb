import { deepEqual, equal } from 'node:assert/strict';
import { ACK, RELEASE } from '@omnibus/core/transport';
import { numbersOf, times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const COUNT = 5;
const TIMEOUT_MS = 100;

/** A second settlement of one delivery, one by a receiver that is gone, and a handler that returns after its time. */
export const settlingTwiceIsHarmless: Scenario = {
  check: 30,
  title: 'settling twice is harmless',
  async run(world) {
    await settledAgain(world);
    await settledByAReceiverThatIsGone(world);
    await returnedAfterItsTime(world);
  },
};

/** Acknowledged by the engine, then acknowledged and released behind its back: nothing comes again, and the link stays. */
async function settledAgain(world: World): Promise<void> {
  const Notes = world.queue('again', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const notes = world.handled(Note);
  const deliveries = world.deliveries(Notes);
  service.consumer(Notes, { concurrency: 1 }).handle(Note, notes.handler);
  await world.start(service);
  const send = (n: number): Promise<unknown> => service.producer(Notes).send(Note, { n });

  await Promise.all(times(COUNT, send));
  await notes.reaches(COUNT);
  await world.until('all is settled', () => service.stats.consumers[Notes.name]!.held === 0);
  const canRelease = world.capabilities(Notes).native.release !== undefined;
  for (const { receiver, delivery } of deliveries.all) {
    deepEqual(await receiver.settle([delivery], ACK), []);
    if (canRelease) deepEqual(await receiver.settle([delivery], RELEASE), []);
  }
  await send(COUNT);
  await notes.reaches(COUNT + 1);
  deepEqual(
    numbersOf(notes),
    times(COUNT + 1, (n) => n),
  );
  equal(service.stats.reconnects, 0);
}

/** An instance goes away with a message in its hands, which another gets. The late ack of the first does not take it from the second. */
async function settledByAReceiverThatIsGone(world: World): Promise<void> {
  const Notes = world.queue('gone', { messages: [Note] });
  const sender = await world.service({ producers: [Notes] });
  const deliveries = world.deliveries(Notes);
  const { opened } = world.gate();
  await world.start(sender);
  await sender.producer(Notes).send(Note, { n: 1 });

  for (const _ of times(2, () => {})) {
    const service = await world.service();
    const before = deliveries.all.length;
    service.consumer(Notes, { concurrency: 1 }).handle(Note, () => opened);
    await world.start(service);
    await deliveries.reaches(before + 1);
    for (const { receiver, delivery } of deliveries.all.slice(0, before)) await receiver.settle([delivery], ACK).catch(() => {}); // an error would be right as well
    await world.stop(service, 0);
  }
  const last = await world.service();
  const notes = world.handled(Note);
  last.consumer(Notes).handle(Note, notes.handler);
  await world.start(last);
  await notes.reaches(1);
}

/** The first attempt is timed out and returns when the second has succeeded. */
async function returnedAfterItsTime(world: World): Promise<void> {
  const Notes = world.queue('late', { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const late = world.gate();
  const ends = world.journal<number>('the number of ended attempts');
  service.consumer(Notes, { retry: soon, handlerTimeoutMs: TIMEOUT_MS }).handle(Note, async (_, { attempt }) => {
    if (attempt === 1) await late.opened;
    ends.add(attempt);
  });
  await world.start(service);
  await service.producer(Notes).send(Note, { n: 1 });
  await ends.reaches(1);
  late.open();
  await ends.reaches(2);
  await world.until('all is settled', () => service.stats.consumers[Notes.name]!.held === 0);
  deepEqual(ends.all, [2, 1]);
  const { handled, retried, lost } = service.stats.consumers[Notes.name]!;
  deepEqual({ handled, retried, lost }, { handled: 1, retried: 1, lost: 0 });
}
