import { deepEqual, equal, ok } from 'node:assert/strict';
import type { App, Channel, ChannelOptions, Handler } from '@omnibus/core';
import type { ChannelKind } from '@omnibus/core/transport';
import { rejection, times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const HOUR_MS = 3_600_000;
const COUNT = 20;

type Notes = Channel<ChannelKind, string, typeof Note>;

/** What a service may want besides a plain queue: makes the channel and consumes it. */
type Wish = (world: World, service: App, handler: Handler<typeof Note>) => Notes;

/**
 * The plan is made offline, connecting changes nothing of what it says, and it is kept: what it refuses does not start and is
 * named, everything else starts and works. What deliveries carry agrees with what was promised.
 */
export const whatTheCapabilitiesSayIsTrue: Scenario = {
  check: 87,
  title: 'what the capabilities say is true',
  async run(world) {
    const refusals: string[] = [];
    for (const [what, wish] of Object.entries(WISHES)) {
      const service = await world.service();
      const notes = world.handled(Note);
      const producer = service.producer(wish(world, service, notes.handler));
      const planned = service.plan.rulings;
      const refused = planned.filter(({ ruling }) => ruling === 'refuse');
      if (refused.length > 0) {
        const { message } = await rejection('CAPABILITY', service.start());
        for (const { by, how } of refused) ok(message.includes(by) && message.includes(how), `${what}: ${by} is not told of`);
        refusals.push(what);
        continue;
      }
      await service.start();
      deepEqual(service.plan.rulings, planned, `${what}: the plan is another when the service runs`);
      await producer.send(Note, { n: 1 });
      await notes.reaches(1);
    }
    if (refusals.length > 0) world.note(`refused by name: ${refusals.join(', ')}`);
    await deliveriesAgree(world);
  },
};

const queueWith =
  (name: string, options: ChannelOptions): Wish =>
  (world, service, handler) => {
    const Notes = world.queue(name, { messages: [Note], key: () => 'k', ...options });
    service.consumer(Notes).handle(Note, handler);
    return Notes;
  };

const WISHES: Readonly<Record<string, Wish>> = {
  delays: queueWith('delay', { maxDelayMs: HOUR_MS }),
  priorities: queueWith('priority', { priorities: 5 }),
  'a time to live': queueWith('ttl', { maxTtlMs: HOUR_MS }),
  order: queueWith('order', { ordered: true }),
  topics(world, service, handler) {
    const Notes = world.topic('topic', { messages: [Note] });
    service.consumer(Notes, { group: 'readers' }).handle(Note, handler);
    return Notes;
  },
  streams(world, service, handler) {
    const Notes = world.stream('stream', { messages: [Note] });
    service.consumer(Notes, { group: 'readers', from: 'first' }).handle(Note, handler);
    return Notes;
  },
};

/** Locks, counts and batches as the capabilities of a plain queue say. */
async function deliveriesAgree(world: World): Promise<void> {
  const Notes = world.queue('notes', { messages: [Note] });
  const { native, limits } = world.capabilities(Notes);
  const service = await world.service({ producers: [Notes] });
  const notes = world.handled(Note);
  const deliveries = world.deliveries(Notes);
  service.consumer(Notes, { retry: soon }).handle(Note, (note, context) => {
    notes.handler(note, context);
    if (note.n === 0 && context.attempt === 1) throw new Error('the first attempt fails');
  });
  await world.start(service);
  await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
  await notes.reaches(COUNT + 1);
  for (const { delivery, receiver } of deliveries.all) {
    equal(receiver.extend !== undefined, native.lock !== undefined, 'a receiver renews exactly where there is a lock to renew');
    equal(receiver.seek !== undefined, native.replay !== undefined, 'a receiver moves exactly where there are positions');
    const timed = native.lock !== undefined || limits.holdMs !== undefined;
    equal(Number.isFinite(delivery.lockedUntil), timed, 'a delivery says until when it is locked exactly where it is');
    ok(Number.isInteger(delivery.deliveries) && delivery.deliveries >= 0);
  }
}
