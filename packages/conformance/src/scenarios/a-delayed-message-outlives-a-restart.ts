import { deepEqual, ok } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';

const DELAY_MS = 5_000;
const EARLY_MS = 25; // clocks that round

/** The broker goes down with a message that waits for its time, and who sent it is gone. It comes all the same, not before its time. */
export const aDelayedMessageOutlivesARestart: Scenario = {
  check: 54,
  title: 'a delayed message outlives a restart of the broker',
  feature: 'delay',
  alone: true,
  async run(world) {
    const Notes = world.queue('notes', { messages: [Note], maxDelayMs: 60_000 });
    const sender = await world.service({ producers: [Notes] });
    await world.start(sender);
    const broker = world.control('process');
    const sentAt = performance.now();
    await sender.producer(Notes).send(Note, { n: 1 }, { delayMs: DELAY_MS });
    await world.stop(sender);
    await broker.stop();
    await broker.restart();

    const reader = await world.service();
    const notes = world.handled(Note);
    reader.consumer(Notes).handle(Note, notes.handler);
    await world.start(reader);
    await notes.reaches(1);
    const took = performance.now() - sentAt;
    ok(took >= DELAY_MS - EARLY_MS, `it came after ${took} ms`);
    deepEqual(notes.payloads, [{ n: 1 }]);
  },
};
