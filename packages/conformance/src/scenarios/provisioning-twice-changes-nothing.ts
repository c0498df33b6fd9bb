import { equal } from 'node:assert/strict';
import type { App } from '@omnibus/core';
import { times } from '../assertions.js';
import { Memo, Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 5;

/** The same service, again and again and twice at once, over messages that wait. Whoever looks afterwards finds no difference. */
export const provisioningTwiceChangesNothing: Scenario = {
  check: 83,
  title: 'provisioning twice changes nothing',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Ordered = world.queue('ordered', { messages: [Note], ordered: true, key: () => 'k' });
    const Memos = world.topic('memos', { messages: [Memo] });
    const ordered = world.capabilities(Ordered).native.ordering !== undefined;
    const topics = world.carries('topic');
    const notes = world.handled(Note);
    const memos = world.handled(Memo);
    const make = async (provision: 'create' | 'verify'): Promise<App> => {
      const service = await world.service({ producers: topics ? [Notes, Memos] : [Notes], config: { provision } });
      service.consumer(Notes, { retry: soon }).handle(Note, notes.handler);
      if (ordered) service.consumer(Ordered).handle(Note, () => {});
      if (topics) service.consumer(Memos, { group: 'readers' }).handle(Memo, memos.handler);
      return service;
    };

    const first = await make('create');
    await world.start(first);
    await world.stop(first);
    const sender = await world.service({ producers: topics ? [Notes, Memos] : [Notes] });
    await world.start(sender);
    await Promise.all(times(COUNT, (n) => sender.producer(Notes).send(Note, { n })));
    if (topics) await Promise.all(times(COUNT, (n) => sender.producer(Memos).send(Memo, { n })));

    const twins = [await make('create'), await make('create')];
    await Promise.all(twins.map((twin) => world.start(twin)));
    await notes.reaches(COUNT);
    if (topics) await memos.reaches(COUNT);
    const checker = await make('verify');
    await world.start(checker);
    const held = (): number =>
      [...twins, checker].flatMap(({ stats }) => Object.values(stats.consumers)).reduce((sum, each) => sum + each.held, 0);
    await world.until('all is settled', () => held() === 0, held);
    equal(notes.all.length, COUNT);
    equal(memos.all.length, topics ? COUNT : 0);
  },
};
