import { deepEqual, equal } from 'node:assert/strict';
import { ascending, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { Gate } from '../world/gate.js';

const COUNT = 20;

/** Handlers run until they are let go, one by one. More are begun at once when it is raised; none is cut short when it is lowered. */
export const concurrencyChangesWhileMessagesFlow: Scenario = {
  check: 64,
  title: 'the concurrency can be raised and lowered while messages flow',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const service = await world.service({ producers: [Notes] });
    const begun = world.journal<number>('the number of begun handlers'); // how many ran then, itself included
    const done = world.journal<number>('the number of ended handlers');
    const held: Gate[] = [];
    let running = 0;
    service.consumer(Notes, { concurrency: 1, window: COUNT }).handle(Note, async ({ n }) => {
      const gate = world.gate();
      held.push(gate);
      running++;
      begun.add(running);
      await gate.opened;
      running--;
      done.add(n);
    });
    await world.start(service);
    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));

    await begun.reaches(1);
    service.setConcurrency(Notes, 4);
    await begun.reaches(4);
    equal(begun.all.length, 4);
    equal(done.all.length, 0);

    service.setConcurrency(Notes, 2);
    const letGo = (): void => held.shift()?.open();
    letGo();
    letGo();
    await done.reaches(2);
    equal(begun.all.length, 4, 'two still run: that is what is allowed now');
    for (const ended of times(COUNT - 2, (index) => index + 3)) {
      await begun.reaches(Math.min(COUNT, ended + 1));
      letGo();
      await done.reaches(ended);
    }
    deepEqual(begun.all.slice(0, 4), [1, 2, 3, 4]);
    equal(Math.max(...begun.all.slice(4)), 2);
    deepEqual(
      ascending(done.all),
      times(COUNT, (n) => n),
    );
  },
};
