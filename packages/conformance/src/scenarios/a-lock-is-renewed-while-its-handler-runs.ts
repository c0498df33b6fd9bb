import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { TransportDefinition } from '@omnibus/core/transport';
import { numbersOf, rejection, times } from '../assertions.js';
import { Note } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const COUNT = 4;
const LOCKS = 4; // how many times its lock the first handler takes, from when all are held
const HELD_MS = 500; // where there is no lock

/** A handler outlasts its lock several times, and others wait behind it, while another service has nothing to do: each is handled once. */
export const aLockIsRenewedWhileItsHandlerRuns: Scenario = {
  check: 32,
  title: 'a handler that outlasts the lock keeps its message, and renewal ends when it is settled',
  async run(world) {
    if (world.capabilities(world.queue('any', { messages: [Note] })).native.lock === undefined) return heldByTheLink(world);
    const { lockMs, definition } = world.control('shortLock');
    const renewals = await handledOnce(world, lockMs * LOCKS, definition());
    ok(renewals > 0, 'no lock was renewed');
  },
};

/** There is no lock to renew: a message is held as long as its link, and what may hold it for longer than the broker allows is refused. */
async function heldByTheLink(world: World): Promise<void> {
  equal(await handledOnce(world, HELD_MS), 0);
  world.note('there is no lock: a message is held as long as the link that delivered it');
  const Notes = world.queue('refused', { messages: [Note] });
  const { holdMs } = world.capabilities(Notes).limits;
  if (holdMs === undefined) return;
  const service = await world.service();
  service.consumer(Notes, { handlerTimeoutMs: holdMs }).handle(Note, () => {});
  const { message } = await rejection('CAPABILITY', service.start());
  ok(message.includes('handler timeout') && message.includes(Notes.name), message);
  world.note(`handler timeouts of more than half of ${holdMs.toLocaleString('en')} ms are refused`);
}

/** How often a lock was renewed. */
async function handledOnce(world: World, takesMs: number, transport?: TransportDefinition): Promise<number> {
  const Notes = world.queue('notes', { messages: [Note] });
  const isLog = world.capabilities(Notes).native.settleEach === undefined; // whoever joins a log's group takes partitions from the others
  const options = transport === undefined ? {} : { transport };
  const busy = await world.service({ producers: [Notes], ...options });
  const idle = await world.service(options);
  const runs = world.handled(Note);
  const renewals = world.renewals(Notes);
  const gate = world.gate();
  for (const service of [busy, idle])
    service.consumer(Notes, { concurrency: 1, window: COUNT }).handle(Note, async (payload, context) => {
      runs.handler(payload, context);
      await gate.opened;
    });
  const sum = (of: 'held' | 'handled' | 'lost'): number =>
    [busy, idle].reduce((all, { stats }) => all + (stats.consumers[Notes.name]?.[of] ?? 0), 0);
  const stats = () => ({ held: sum('held'), handled: sum('handled'), lost: sum('lost') });
  await world.start(...(isLog ? [busy, idle] : [busy]));
  for (const n of times(COUNT, (index) => index)) await busy.producer(Notes).send(Note, { n });
  await world.until('one runs and the others wait', () => stats().held === COUNT, stats);
  if (!isLog) await world.start(idle);
  await pause(takesMs);
  gate.open();
  await world.until('all are handled', () => stats().handled === COUNT && stats().held === 0, stats);

  const made = renewals.all.length;
  await pause(takesMs);
  equal(renewals.all.length, made, 'what is settled is still renewed');
  deepEqual(
    numbersOf(runs),
    times(COUNT, (n) => n),
  );
  equal(stats().lost, 0);
  return made;
}
