import { deepEqual, equal } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const STOPS = 10;
const SERVICES = 3;

/** Three services with running handlers, each stopped ten times at once. No stop ends before the handler, and all of them end. */
export const tenStopsAtOnceAreOne: Scenario = {
  check: 71,
  title: 'ten stops at once are one',
  async run(world) {
    const gate = world.gate();
    const events = world.journal<string>('the number of ends');
    const begun = world.journal<number>('the number of begun handlers');
    const services = await Promise.all(
      times(SERVICES, async (index) => {
        const Notes = world.queue(`notes-${index}`, { messages: [Note] });
        const service = await world.service({ producers: [Notes] });
        service.consumer(Notes).handle(Note, async ({ n }) => {
          begun.add(n);
          await gate.opened;
          events.add('handled');
        });
        await world.start(service);
        await service.producer(Notes).send(Note, { n: index });
        return { service, Notes };
      }),
    );
    await begun.reaches(SERVICES);

    const stops = services.flatMap(({ service }) =>
      times(STOPS, () => service.stop({ deadlineMs: world.deadlineMs }).then(() => events.add('stopped'))),
    );
    equal(events.all.length, 0);
    gate.open();
    await Promise.all(stops);
    deepEqual(events.all.slice(0, SERVICES).includes('stopped'), false, 'a service stopped while a handler ran');
    equal(events.all.length, SERVICES + SERVICES * STOPS);
    deepEqual([...world.open], []);

    const next = await world.service();
    const again = world.handled(Note);
    const last = world.handled(Note);
    const End = world.queue('end', { messages: [Note] });
    for (const { Notes } of services) next.consumer(Notes).handle(Note, again.handler);
    next.consumer(End).handle(Note, last.handler);
    const producer = next.producer(End);
    await world.start(next);
    await producer.send(Note, { n: SERVICES });
    await last.reaches(1);
    deepEqual(again.payloads, [], 'what was handled and settled came again');
  },
};
