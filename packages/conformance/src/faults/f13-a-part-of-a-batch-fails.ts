import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { exponential, type InterceptorFactory } from '@omnibus/core';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

/** A queue that is full refuses single messages of a batch: they are sent again, the others are not. */
export const aPartOfABatchFails: SharingFault = {
  id: 'F13',
  title: 'of a batch that fails in part only the failures are sent again',
  does: 'a queue takes about 50 messages and refuses the rest, while 200 lines send without rest',
  breaks: 'its own',
  run: async (field) => {
    let passed = 0;
    const counting: InterceptorFactory = () => ({
      send(count, next) {
        passed += count;
        return next();
      },
    });
    const outcome = await steady(field, {
      smallQueue: 50,
      concurrency: 8,
      handler: () => wait(5),
      lines: 200,
      restMs: 0,
      provision: 'assume',
      retry: exponential({ attempts: 1 }),
      interceptors: [counting],
    });
    const again = passed - outcome.counts.attempted;
    ok(again > 0, 'no message was refused');
    equal(outcome.counts.duplicated, 0, `${outcome.counts.duplicated} messages that were taken were sent again`);
    return { ...outcome, notes: [`refused and sent again ${again}`] };
  },
};
