import { deepEqual, equal, ok } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { times } from '../assertions.js';
import { Memo, Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const CONCURRENCY = 3;
const COUNT = 60;

/** Two types, and a failure in every fifth message: what runs again takes a place like everything else. */
export const noMoreHandlersRunThanAllowed: Scenario = {
  check: 63,
  title: 'no more handlers run than the concurrency allows',
  async run(world) {
    const Mixed = world.queue('mixed', { messages: [Note, Memo] });
    const service = await world.service({ producers: [Mixed] });
    const full = world.gate();
    const done = world.journal<string>('the number of handled messages');
    let running = 0;
    let most = 0;
    const handle = async (name: string, { n }: { readonly n: number }, attempt: number): Promise<void> => {
      running++;
      most = Math.max(most, running);
      if (running === CONCURRENCY) full.open();
      await full.opened;
      for (const _ of times(3, () => {})) await turn();
      running--;
      if (n % 5 === 0 && attempt === 1) throw new Error('the first attempt at every fifth fails');
      done.add(`${name} ${n}`);
    };
    service
      .consumer(Mixed, { concurrency: CONCURRENCY, retry: soon })
      .handle(Note, (note, { attempt }) => handle('note', note, attempt))
      .handle(Memo, (memo, { attempt }) => handle('memo', memo, attempt));
    await world.start(service);

    const producer = service.producer(Mixed);
    await Promise.all(times(COUNT, (n) => (n % 2 === 0 ? producer.send(Note, { n }) : producer.send(Memo, { n }))));
    await done.reaches(COUNT);
    equal(most, CONCURRENCY);
    ok(service.stats.consumers[Mixed.name]!.running <= CONCURRENCY);
    deepEqual(done.all.toSorted(), times(COUNT, (n) => `${n % 2 === 0 ? 'note' : 'memo'} ${n}`).toSorted());
  },
};
