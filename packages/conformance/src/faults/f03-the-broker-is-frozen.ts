import { equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { BrokerFault } from './fault.js';
import { type Running, steady } from './steady.js';

const SHORT_MS = [5_000];
const FULL_MS = [5_000, 30_000, 120_000];

/** What the broker said before it froze may still be on its way for so long. */
const ON_THE_WAY_MS = 300;

/** SIGSTOP: the sockets stay open and nobody answers. 5 s in the short form; 5, 30 and 120 s in the full one. */
export const theBrokerIsFrozen: BrokerFault = {
  id: 'F3',
  title: 'no send resolves while the broker is frozen, and all go on afterwards',
  does: 'the broker gets SIGSTOP for 5, 30 and 120 s: its sockets stay open and nobody answers',
  breaks: 'the broker',
  run: async (field) => {
    const freeze = async ({ busy, books }: Running, ms: number): Promise<void> => {
      await busy();
      const thaw = await field.broker.freeze();
      await wait(ON_THE_WAY_MS);
      const { acknowledged } = books;
      await wait(ms - ON_THE_WAY_MS);
      const more = books.acknowledged - acknowledged;
      await thaw();
      equal(more, 0, `${more} sends resolved while the broker was frozen`);
    };
    const freezes = field.full ? FULL_MS : SHORT_MS;
    const outcome = await steady(field, {
      at: freezes.map((ms, index) => [(index + 1) / (freezes.length + 1), (run) => freeze(run, ms)] as const),
    });
    const { publisher, consumer } = outcome.reconnects;
    ok(
      !field.full || field.harness.linkless || (publisher > 0 && consumer > 0),
      'no heartbeat noticed that the broker was frozen',
    );
    return { ...outcome, notes: [`frozen for ${freezes.join(', ')} ms`] };
  },
};
