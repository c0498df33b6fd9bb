import { deepEqual, equal } from 'node:assert/strict';
import { ascending, numbersOf, times } from '../assertions.js';
import { Memo, Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const RUNNING = 4;
const COUNT = 12;

/** A stop with time: what runs ends, sends what it has to send and is settled; what waits is left for the next. */
export const stoppingLetsHandlersFinish: Scenario = {
  check: 69,
  title: 'stopping lets handlers finish within the deadline',
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note] });
    const Memos = world.queue('memos', { messages: [Memo] });
    const first = await world.service({ producers: [Notes, Memos] });
    const begun = world.journal<number>('the number of begun handlers');
    const done = world.journal<string>('the number of ends');
    const gate = world.gate();
    first.consumer(Notes, { concurrency: RUNNING }).handle(Note, async ({ n }, { signal }) => {
      begun.add(n);
      await gate.opened;
      await first.producer(Memos).send(Memo, { n });
      done.add(signal.aborted ? 'aborted' : 'handled');
    });
    await world.start(first);
    await Promise.all(times(COUNT, (n) => first.producer(Notes).send(Note, { n })));
    await begun.reaches(RUNNING);

    const stopping = world.stop(first).then(() => done.add('stopped'));
    const other = await world.service();
    const memos = world.handled(Memo);
    other.consumer(Memos).handle(Memo, memos.handler);
    await world.start(other);
    equal(done.all.length, 0, 'it stopped while handlers ran');
    gate.open();
    await stopping;
    deepEqual(done.all, [...times(RUNNING, () => 'handled'), 'stopped']);
    equal(begun.all.length, RUNNING, 'handlers that began after the stop');
    await memos.reaches(RUNNING);
    deepEqual(numbersOf(memos), ascending(begun.all));

    const next = await world.service();
    const rest = world.handled(Note);
    next.consumer(Notes).handle(Note, rest.handler);
    await world.start(next);
    await rest.reaches(COUNT - RUNNING);
    await world.until('all is settled', () => next.stats.consumers[Notes.name]!.held === 0);
    deepEqual(
      ascending([...begun.all, ...rest.payloads.map(({ n }) => n)]),
      times(COUNT, (n) => n),
    );
  },
};
