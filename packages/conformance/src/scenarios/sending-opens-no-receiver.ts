import { deepEqual, equal, ok } from 'node:assert/strict';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** A service without consumers sends to a queue and, where there are any, to a topic. */
export const sendingOpensNoReceiver: Scenario = {
  check: 74,
  title: 'a service that only sends opens no receiver',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.topic('memos', { messages: [Memo] });
    const channels = world.carries('topic') ? [Notes, Memos] : [Notes];
    const sender = await world.service({ producers: channels });
    await world.start(sender);
    await sender.producer(Notes).send(Note, { n: 1 });
    if (world.carries('topic')) await sender.producer(Memos).send(Memo, { n: 1 });
    const receivers = (): readonly string[] => world.open.filter((name) => name.startsWith('receiver'));
    deepEqual(receivers(), []);
    for (const channel of channels) equal(world.polls(channel), 0);
    deepEqual(sender.stats.consumers, {});
    const { endpoints } = await sender.health();
    deepEqual(
      endpoints.map(({ direction }) => direction),
      channels.map(() => 'send'),
    );

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(1);
    ok(receivers().length > 0, 'a receiver would have been seen');
  },
};
