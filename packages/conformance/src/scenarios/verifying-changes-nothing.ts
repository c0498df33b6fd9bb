import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type App, type Channel, isMessagingError, type Provision } from '@omnibus/core';
import { numbersOf, rejection, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const COUNT = 3;

/** First nothing is there, then all is, then a service comes that wants a queue of another kind. */
export const verifyingChangesNothing: Scenario = {
  check: 84,
  title: 'verifying shows what differs and changes nothing',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const missing = async (): Promise<void> => {
      const { message } = await rejection('TOPOLOGY', (await reader(world, Notes, 'verify')).start());
      match(message, new RegExp(Notes.name.replaceAll('.', '\\.')));
    };
    await missing();
    await missing(); // the first look made nothing

    const maker = await reader(world, Notes, 'create');
    await world.start(maker);
    await world.stop(maker);
    const sender = await world.service({ producers: [Notes], config: { provision: 'verify' } });
    await world.start(sender);
    await anotherKind(world);
    await Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));

    const notes = world.handled(Note);
    const last = await world.service({ config: { provision: 'verify' } });
    last.consumer(Notes).handle(Note, notes.handler);
    await world.start(last);
    await notes.reaches(COUNT);
    deepEqual(numbersOf(notes), [0, 1, 2]);
  },
};

/** Where the broker's queue differs by order, a service that wants order is told, and nothing is made to its liking. */
async function anotherKind(world: World): Promise<void> {
  const Ordered = world.queue('notes', { messages: [Note], ordered: true, key: ({ n }) => String(n) });
  if (world.capabilities(Ordered).native.ordering === undefined) return;
  const ordered = await reader(world, Ordered, 'verify');
  const verified = ordered.start();
  if (
    await verified.then(
      () => true,
      () => false,
    )
  ) {
    world.note('an ordered queue is the same object on this broker');
    return world.stop(ordered);
  }
  const { message } = await rejection('TOPOLOGY', verified);
  ok(message.includes(Ordered.name), 'the difference is named');
  const refused = await (await reader(world, Ordered, 'create')).start().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refused === undefined) world.note('an ordered queue is another object on this broker');
  else ok(isMessagingError(refused, 'TOPOLOGY'), 'it was to be refused as TOPOLOGY');
  equal(message.includes('{'), false, 'the difference is told in words');
}

async function reader(world: World, channel: Channel<'queue', string, typeof Note>, provision: Provision): Promise<App> {
  const service = await world.service({ config: { provision } });
  service.consumer(channel).handle(Note, () => {});
  return service;
}
