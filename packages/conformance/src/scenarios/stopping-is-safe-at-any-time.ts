import { deepEqual, equal } from 'node:assert/strict';
import { type App, type Channel, Consumer, type ConsumerClass, Handle } from '@omnibus/core';
import { rejection } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** Before the start, during it, after it, twice, three times at once: a service that was stopped is stopped. */
export const stoppingIsSafeAtAnyTime: Scenario = {
  check: 14,
  title: 'stopping is safe at any time and as often as one likes',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const make = async (): Promise<App> => {
      const service = await world.service({ producers: [Notes] });
      service.consumer(Notes).handle(Note, () => {});
      return service;
    };
    const isStopped = async (service: App): Promise<void> => {
      await rejection('CLOSED', service.start());
      await rejection('CLOSED', service.producer(Notes).send(Note, { n: 1 }));
      deepEqual(await service.health(), { ok: false, endpoints: [] });
    };

    const never = await make();
    await never.stop();
    await never.stop();
    await isStopped(never);

    const running = await make();
    await world.start(running);
    await running.producer(Notes).send(Note, { n: 1 });
    await Promise.all([running.stop(), running.stop(), running.stop()]);
    await running.stop();
    await isStopped(running);

    for (const early of [await make(), await world.service({ producers: [Notes], classes: [reader(Notes)] })]) {
      const starting = early.start();
      await Promise.all([early.stop(), starting.catch(() => {})]);
      await isStopped(early);
    }

    const scoped = await make();
    {
      await using service = scoped;
      await service.start();
    }
    equal((await scoped.health()).ok, false);
    await isStopped(scoped);
  },
};

/** A class, which the service has to make before it can consume. */
function reader(channel: Channel<'queue', string, typeof Note>): ConsumerClass {
  @Consumer(channel)
  class Reader {
    @Handle(Note)
    read(): void {}
  }
  return Reader;
}
