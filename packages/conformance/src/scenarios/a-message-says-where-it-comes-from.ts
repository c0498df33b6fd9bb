import { equal, ok } from 'node:assert/strict';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** One message leads to a second, which leads to a third: all share a correlation, and each names the one that caused it. */
export const aMessageSaysWhereItComesFrom: Scenario = {
  check: 7,
  title: 'a message says when and by whom it was sent, and what led to it',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const service = await world.service({ producers: [Notes, Memos], config: { name: 'billing' } });
    const notes = world.handled(Note);
    const memos = world.handled(Memo);
    const deliveries = world.deliveries(Memos);
    service.consumer(Notes).handle(Note, async (payload, context) => {
      notes.handler(payload, context);
      await service.producer(Memos).send(Memo, payload);
    });
    service.consumer(Memos).handle(Memo, async (payload, context) => {
      memos.handler(payload, context);
      if (payload.n === 1) await service.producer(Memos).send(Memo, { n: 2 });
    });
    await world.start(service);

    const before = Date.now();
    const { id } = await service.producer(Notes).send(Note, { n: 1 });
    const after = Date.now();
    await memos.reaches(2);

    const first = notes.all[0]!.context;
    const second = memos.all.find(({ payload }) => payload.n === 1)!.context;
    const third = memos.all.find(({ payload }) => payload.n === 2)!.context;
    const sentAt = first.sentAt.getTime();
    ok(before <= sentAt && sentAt <= after, `sent at ${sentAt}, between ${before} and ${after}`);
    equal(first.correlationId, id);
    equal(first.causationId, undefined);
    equal(second.correlationId, id);
    equal(second.causationId, id);
    equal(third.correlationId, id);
    equal(third.causationId, second.id);
    for (const { delivery } of deliveries.all) equal(delivery.headers['ce-source'], 'billing');
  },
};
