import type { App } from '@omnibus/core';
import { times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import { inOrderPerKey, keyOf } from '../orders.js';
import type { Scenario } from '../scenario.js';

const KEYS = 5;
const COUNT = 300;
const STEP = 40; // messages between two changes

/**
 * Consumers join while messages come, and leave: by turns they finish what runs, or are cut off in the middle of it. Some
 * handlings fail meanwhile. A message may be handled twice then, but per key none is skipped or overtaken.
 */
export const orderOutlivesConsumersThatComeAndGo: Scenario = {
  check: 48,
  title: 'order per key outlives consumers that come and go',
  feature: 'ordering',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], ordered: true, key: keyOf(KEYS) });
    const sender = await world.service({ producers: [Notes] });
    const begun = world.journal<number>('the number of attempts');
    const done = new Set<number>();
    const join = async (): Promise<App> => {
      const service = await world.service();
      service.consumer(Notes, { retry: soon, concurrency: 4 }).handle(Note, async ({ n }, { attempt }) => {
        begun.add(n);
        await new Promise((resolve) => setTimeout(resolve, 2));
        if (n % 11 === 0 && attempt === 1) throw new Error('not yet');
        done.add(n);
      });
      await world.start(service);
      return service;
    };
    const reaches = (count: number): Promise<void> =>
      world.until(
        `${count} messages are done`,
        () => done.size >= count,
        () => done.size,
      );

    await world.start(sender);
    const running = [await join()];
    const sending = Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));
    for (let change = 1; change * STEP < COUNT; change++) {
      await reaches(change * STEP);
      running.push(await join());
      if (change % 3 === 0) running.push(await join());
      await world.stop(running.shift()!, change % 2 === 0 ? 0 : undefined);
    }
    await sending;
    await reaches(COUNT);
    inOrderPerKey(begun.all, COUNT, KEYS);
  },
};
