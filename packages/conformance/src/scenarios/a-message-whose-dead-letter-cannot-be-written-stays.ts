import { deepEqual, equal, match } from 'node:assert/strict';
import { exponential } from '@omnibus/core';
import { deadLetters } from '../dead-letters.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const SEND_MS = 300; // for one attempt to write the dead letter
const config = { provision: 'assume', sendTimeoutMs: SEND_MS } as const;
const retry = exponential({ attempts: 1 });

/** The dead-letter queue is full. The message is neither lost nor handled again, health says why, and other instances can get it. */
export const aMessageWhoseDeadLetterCannotBeWrittenStays: Scenario = {
  check: 41,
  title: 'a message whose dead letter cannot be written stays where it is',
  feature: 'reject',
  mandatory: true,
  async run(world) {
    const makeSmallQueue = world.control('makeSmallQueue');
    const Notes = world.queue('notes', { messages: [Note] });
    const Dead = world.deadLetters(Notes);
    await makeSmallQueue(Notes.name, 100);
    await makeSmallQueue(Dead.name, 1);
    const sender = await world.service({ producers: [Notes, Dead], config: { provision: 'assume' } });
    await world.start(sender);
    await sender.producer(Dead).send(Note, { n: 0 });

    const runs = world.handled(Note);
    const consume = async () => {
      const service = await world.service({ config });
      service.consumer(Notes, { retry }).handle(Note, (payload, context) => {
        runs.handler(payload, context);
        throw new Error('it always fails');
      });
      await world.start(service);
      const why = async (): Promise<string | undefined> => {
        const { endpoints } = await service.health();
        return endpoints.find(({ channel, direction }) => channel === Notes.name && direction === 'receive')?.why;
      };
      await world.until('health says that the dead letter cannot be written', async () => (await why()) !== undefined);
      return { service, why: (await why())! };
    };

    const { id } = await sender.producer(Notes).send(Note, { n: 1 });
    const first = await consume();
    match(first.why, new RegExp(Dead.name));
    equal(first.service.stats.consumers[Notes.name]!.held, 1);
    await world.stop(first.service, 0);
    deepEqual(runs.payloads, [{ n: 1 }], 'while it cannot die it is not handled again');

    const second = await consume();
    const letters = await deadLetters(world, Notes, { config }); // takes away the one that fills the queue
    await letters.reaches(1);
    const stats = () => second.service.stats.consumers[Notes.name]!;
    await world.until('the message is settled', () => stats().held === 0, stats);
    await world.until('health is good again', async () => (await second.service.health()).ok);
    deepEqual(runs.payloads, [{ n: 1 }, { n: 1 }]);
    for (const { context, death } of letters.all)
      deepEqual([context.id, death.attempts, death.reason], [id, world.firstAttemptAfter(1), 'attempts']);
  },
};
