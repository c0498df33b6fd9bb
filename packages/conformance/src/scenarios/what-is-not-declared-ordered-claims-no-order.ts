import { equal, ok } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 4;

/** The plan promises order where it was declared, and nowhere else. Where it was not, messages of one key run at one time. */
export const whatIsNotDeclaredOrderedClaimsNoOrder: Scenario = {
  check: 50,
  title: 'a channel that is not declared ordered never claims order',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], key: () => 'one key' });
    const Ordered = world.queue('ordered', { messages: [Note], key: () => 'one key', ordered: true });
    const service = await world.service({ producers: [Notes] });
    const together = world.gate();
    let running = 0;
    const done = world.journal<number>('the number of handlers that ran together');
    service.consumer(Notes, { concurrency: COUNT }).handle(Note, async ({ n }) => {
      if (++running === COUNT) together.open();
      await together.opened;
      done.add(n);
    });
    equal(
      service.plan.rulings.some(({ feature }) => feature === 'ordering'),
      false,
      'the plan says something about order',
    );
    const other = await world.service();
    other.consumer(Ordered).handle(Note, () => {});
    ok(
      other.plan.rulings.some(({ feature }) => feature === 'ordering'),
      'the plan of an ordered channel says nothing about order',
    );

    await world.start(service);
    await Promise.all(times(COUNT, (n) => service.producer(Notes).send(Note, { n })));
    await done.reaches(COUNT);
  },
};
