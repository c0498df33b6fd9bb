import { deepEqual, equal } from 'node:assert/strict';
import { times } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const COUNT = 100;

/** Two services, from start to stop, in which nothing fails: there is nothing to be warned of either. */
export const aCleanRunLogsNoError: Scenario = {
  check: 81,
  title: 'a clean run logs no error',
  async run(world) {
    const logged: string[] = [];
    const nothing = (): void => {};
    const log =
      (level: string) =>
      (fields: object, text: string): void =>
        void logged.push(`${level}: ${text} ${JSON.stringify(fields)}`);
    const logger = { debug: nothing, info: nothing, warn: log('warn'), error: log('error') };

    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const first = await world.service({ producers: [Notes], logger });
    const second = await world.service({ producers: [Memos], logger });
    const memos = world.handled(Memo);
    first.consumer(Memos).handle(Memo, memos.handler);
    second.consumer(Notes).handle(Note, async (note) => void (await second.producer(Memos).send(Memo, note)));
    await world.start(first, second);
    await Promise.all(times(COUNT, (n) => first.producer(Notes).send(Note, { n })));
    await memos.reaches(COUNT);
    await second.pause(Notes);
    await second.resume(Notes);
    await first.producer(Notes).send(Note, { n: COUNT });
    await memos.reaches(COUNT + 1);
    equal((await first.health()).ok, true);
    await world.stop(second);
    await world.stop(first);
    deepEqual(logged, []);
  },
};
