import { deepEqual } from 'node:assert/strict';
import { counted, times } from '../assertions.js';
import { Note, soon } from '../messages.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const ROUNDS = 5;
const SIGNALS = ['SIGTERM', 'SIGINT', 'exit', 'beforeExit', 'uncaughtException', 'unhandledRejection'] as const;

/**
 * What the process holds open is compared before and after several services that sent, handled, failed and stopped. A first one
 * does not count: it loads what stays loaded.
 */
export const aStoppedServiceLeavesNothing: Scenario = {
  check: 75,
  title: 'a stopped service leaves no socket, timer or listener',
  alone: true,
  async run(world) {
    const warnings: string[] = [];
    const warned = ({ message }: Error): unknown => warnings.push(message);
    process.on('warning', warned);
    await serve(world, 0);
    const before = resources();
    const listeners = SIGNALS.map((name) => process.listenerCount(name));
    for (const round of times(ROUNDS, (index) => index + 1)) await serve(world, round);
    await world.until(
      'nothing more is open than before',
      () => surplus(before).length === 0,
      () => surplus(before),
    );
    deepEqual(
      SIGNALS.map((name) => process.listenerCount(name)),
      listeners,
    );
    process.off('warning', warned);
    deepEqual(warnings, []);
  },
};

/** One service, from start to stop, with a message that is handled at once and one that fails first. */
async function serve(world: World, round: number): Promise<void> {
  const Notes = world.queue(`notes-${round}`, { messages: [Note] });
  const service = await world.service({ producers: [Notes] });
  const done = world.journal<number>('the number of handled messages');
  service.consumer(Notes, { retry: soon, handlerTimeoutMs: world.deadlineMs }).handle(Note, ({ n }, { attempt }) => {
    if (n === 1 && attempt === 1) throw new Error('the first attempt fails');
    done.add(n);
  });
  await world.start(service);
  await Promise.all(times(2, (n) => service.producer(Notes).send(Note, { n })));
  await done.reaches(2);
  await world.stop(service);
}

const resources = (): ReadonlyMap<string, number> => counted(process.getActiveResourcesInfo());

/** What there is more of than before. */
const surplus = (before: ReadonlyMap<string, number>): readonly string[] =>
  [...resources()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
