import { deepEqual, equal } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

/** A service hangs: its handler never returns, and its lock is not renewed. Another gets the message; when the first wakes, it is too late. */
export const aMessageIsHandedOutAgainAfterItsLock: Scenario = {
  check: 31,
  title: 'a message whose handler never returns is handed out again after its lock',
  async run(world) {
    const { lockMs, definition } = world.control('shortLock');
    const Notes = world.queue('notes', { messages: [Note] });
    const hung = await world.service({ producers: [Notes], transport: definition(), hangs: true });
    const begun = world.journal<number>('the number of handlers that hang');
    const wake = world.gate();
    const woken = world.journal<number>('the number of handlers that woke up');
    hung.consumer(Notes, { concurrency: 1, window: 1 }).handle(Note, async () => {
      begun.add(performance.now());
      if (begun.all.length > 1) return;
      await wake.opened;
      woken.add(performance.now());
    });
    await world.start(hung);
    const sentAt = performance.now();
    const { id } = await hung.producer(Notes).send(Note, { n: 1 });
    await begun.reaches(1);

    const other = await world.service({ transport: definition() });
    const runs = world.handled(Note);
    other.consumer(Notes, { concurrency: 1 }).handle(Note, runs.handler);
    await world.start(other);
    await runs.reaches(1);
    equal(performance.now() - sentAt >= lockMs * 0.9, true, 'it came before its lock was over');
    equal(runs.all[0]!.context.id, id);
    const stats = () => other.stats.consumers[Notes.name]!;
    await world.until('the other is done', () => stats().handled === 1 && stats().held === 0, stats);

    wake.open();
    await woken.reaches(1);
    const late = () => hung.stats.consumers[Notes.name]!;
    await world.until('the late verdict is known to be lost', () => late().lost === 1 && late().held === 0, late);
    await hung.producer(Notes).send(Note, { n: 2 });
    await world.until('the next is handled', () => late().handled + stats().handled === 2, late);
    deepEqual(
      runs.payloads.filter(({ n }) => n === 1),
      [{ n: 1 }],
      'it is handled again although it was settled',
    );
  },
};
