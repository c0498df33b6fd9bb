import { deepEqual } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 10;

/** While the first message is in its handler, another channel of the service works, and the second message does not. */
export const oneAfterTheOtherAtConcurrencyOne: Scenario = {
  check: 29,
  title: 'at concurrency 1 the second message waits for the first',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const service = await world.service({ producers: [Notes, Memos] });
    const steps = world.journal<string>('the number of steps');
    const memos = world.handled(Memo);
    const first = world.gate();
    service.consumer(Notes, { concurrency: 1 }).handle(Note, async () => {
      steps.add('begin');
      await first.opened;
      await new Promise(setImmediate); // a turn in which another could begin
      steps.add('end');
    });
    service.consumer(Memos).handle(Memo, memos.handler);
    await world.start(service);

    for (const n of times(COUNT, (index) => index)) await service.producer(Notes).send(Note, { n });
    await steps.reaches(1);
    await service.producer(Memos).send(Memo, { n: 1 });
    await memos.reaches(1);
    deepEqual(steps.all, ['begin']);
    first.open();
    await steps.reaches(2 * COUNT);
    deepEqual(steps.all, times(COUNT, () => ['begin', 'end']).flat());
  },
};
