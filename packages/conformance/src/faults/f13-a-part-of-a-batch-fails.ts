import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { exponential, type InterceptorFactory } from '@omnibus/core';
import { needed, type Outcome, type SharingFault } from './fault.js';
import { type Running, type SteadyOptions, steady } from './steady.js';

const EVERY = 7;

/** Single messages of a batch are refused: they are sent again, the others are not. */
export const aPartOfABatchFails: SharingFault = {
  id: 'F13',
  title: 'of a batch that fails in part only the failures are sent again',
  does: `a queue takes about 50 messages and refuses the rest, or, where no queue has such a limit, every ${EVERY}th entry of the batches is refused for half of the run; 200 lines send without rest`,
  breaks: 'its own',
  run: async (field) => {
    const { makeSmallQueue } = field.broker;
    let passed = 0;
    const counting: InterceptorFactory = () => ({
      send(count, next) {
        passed += count;
        return next();
      },
    });
    const options: SteadyOptions = {
      lines: 200,
      restMs: 0,
      retry: exponential({ attempts: 1 }),
      interceptors: [counting],
    };
    const limited: SteadyOptions = { smallQueue: 50, provision: 'assume', concurrency: 8, handler: () => wait(5) };
    let refused = 0;
    const outcome =
      makeSmallQueue === undefined
        ? await withFailures(field, options, (count) => (refused = count))
        : await steady(field, { ...options, ...limited });
    const again = passed - outcome.counts.attempted;
    ok(again > 0, 'no message was refused');
    if (makeSmallQueue === undefined) equal(again, refused, `${refused} messages were refused, and ${again} were sent again`);
    equal(outcome.counts.duplicated, 0, `${outcome.counts.duplicated} messages that were taken were sent again`);
    return { ...outcome, notes: [`refused and sent again ${again}`] };
  },
};

async function withFailures(
  field: Parameters<SharingFault['run']>[0],
  options: SteadyOptions,
  told: (refused: number) => void,
): Promise<Outcome> {
  await using link = await field.broker.link();
  let end: ReturnType<NonNullable<typeof link.failEntries>> | undefined;
  const begin = async (): Promise<void> => {
    end = needed(link.failEntries, 'broker.makeSmallQueue nor link.failEntries')(EVERY);
  };
  const heal = async (_: Running): Promise<void> => told(end!().sends);
  return await steady(field, {
    ...options,
    publisher: link.definition(),
    at: [
      [1 / 4, begin],
      [3 / 4, heal],
    ],
  });
}
