import { deepEqual, equal } from 'node:assert/strict';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

type Signal = 'SIGTERM' | 'SIGINT';

/**
 * `run` with each signal, once and twice. The signal is given to the listeners that `run` added and to nobody else, since the
 * process is the test runner's as well.
 */
export const aSignalDrainsTheService: Scenario = {
  check: 73,
  title: 'SIGTERM drains the service',
  alone: true,
  async run(world) {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      await drains(world, signal);
      await stopsAtOnce(world, signal);
    }
  },
};

async function drains(world: World, signal: Signal): Promise<void> {
  const { Notes, ended, begun, gate, running, send } = await run(world, signal, 'once');
  send();
  let drained = false;
  void running.then(() => (drained = true));
  const other = await world.service();
  await world.start(other); // any work that takes a moment
  equal(drained, false, 'it ended while a handler ran');
  gate.open();
  await running;
  deepEqual(ended.all, begun.all);
  const next = await world.service();
  const again = world.handled(Note);
  next.consumer(Notes).handle(Note, again.handler);
  const producer = next.producer(Notes);
  await world.start(next);
  await producer.send(Note, { n: 2 });
  await again.reaches(1);
  deepEqual(again.payloads, [{ n: 2 }]);
}

/** A second signal does not wait for the handler. */
async function stopsAtOnce(world: World, signal: Signal): Promise<void> {
  const { ended, running, send, gate } = await run(world, signal, 'twice');
  send();
  send();
  await running;
  equal(ended.all.length, 0);
  gate.open();
  await ended.reaches(1);
}

/** A service that runs, with a handler in the middle of its work. */
async function run(world: World, signal: Signal, often: string) {
  const Notes = world.queue(`notes-${signal.toLowerCase()}-${often}`, { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const begun = world.journal<number>('the number of begun handlers');
  const ended = world.journal<number>('the number of ended handlers');
  const gate = world.gate();
  service.consumer(Notes).handle(Note, async ({ n }) => {
    begun.add(n);
    await gate.opened;
    ended.add(n);
  });
  const before = process.listeners(signal);
  const running = service
    .run({ deadlineMs: world.deadlineMs })
    .then(() => deepEqual(process.listeners(signal), before, 'a listener is left'));
  await world.until('the service runs', async () => (await service.health()).ok);
  const added = process.listeners(signal).filter((listener) => !before.includes(listener));
  equal(added.length, 1);
  await service.producer(Notes).send(Note, { n: 1 });
  await begun.reaches(1);
  return { Notes, begun, ended, gate, running, send: () => added[0]!(signal) };
}
