import { deepEqual, ok } from 'node:assert/strict';
import { ascending, times } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const WINDOW = 8;
/** So many and the window is full: what is left, less than a quarter, is asked for together with what is settled next. */
const FULL = 7;
const COUNT = 100;

/**
 * A consumer stands still before a full queue while the one beside it works on: it is handed what its window takes and no more.
 * Then it goes on slowly. What it was handed and has not ended never exceeds the window.
 */
export const aSlowConsumerHoldsNoMoreThanItsWindow: Scenario = {
  check: 65,
  title: 'a slow consumer holds no more than its window',
  async run(world) {
    const Slow = world.queue('slow', { messages: [Note] });
    const Fast = world.queue('fast', { messages: [Memo] });
    const service = await world.service({ producers: [Slow, Fast] });
    const deliveries = world.deliveries(Slow);
    const done = world.journal<number>('the number of handled messages');
    const most = world.journal<number>('the number of looks at what is held');
    const gate = world.gate();
    service.consumer(Slow, { concurrency: 2, window: WINDOW }).handle(Note, async ({ n }) => {
      most.add(deliveries.all.length - done.all.length);
      await gate.opened;
      done.add(n);
    });
    const memos = world.handled(Memo);
    service.consumer(Fast).handle(Memo, memos.handler);
    await world.start(service);

    const stats = (): { readonly held: number } => service.stats.consumers[Slow.name]!;
    await Promise.all(times(COUNT, (n) => service.producer(Slow).send(Note, { n })));
    await world.until('the window is full', () => stats().held >= FULL, stats);
    await Promise.all(times(COUNT, (n) => service.producer(Fast).send(Memo, { n })));
    await memos.reaches(COUNT);
    ok(stats().held <= WINDOW, `it holds ${stats().held}`);
    ok(deliveries.all.length <= WINDOW, `it was handed ${deliveries.all.length}`);

    gate.open();
    await done.reaches(COUNT);
    ok(Math.max(...most.all) <= WINDOW, `${Math.max(...most.all)} were held at one time`);
    deepEqual(
      ascending(done.all),
      times(COUNT, (n) => n),
    );
  },
};
