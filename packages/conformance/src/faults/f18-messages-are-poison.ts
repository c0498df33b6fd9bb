import { equal } from 'node:assert/strict';
import { exponential } from '@omnibus/core';
import { together } from './counts.js';
import type { Outcome, SharingFault } from './fault.js';
import { steady } from './steady.js';

const ATTEMPTS = 3;

/** 1 % of the messages always fail, then all of them: each is tried as often as the policy says and ends as a dead letter. */
export const messagesArePoison: SharingFault = {
  id: 'F18',
  title: 'poison ends in the dead-letter channel, after its attempts, and good messages flow',
  does: '1 % of the messages always fail, and in a second run all of them',
  breaks: 'its own',
  run: async (field) => {
    const run = async (every: number): Promise<Outcome> => {
      const tries = new Map<string, number>();
      const outcome = await steady(field, {
        retry: exponential({ attempts: ATTEMPTS, firstMs: 10, maxMs: 50 }),
        handler: async (id) => {
          if (Number(id.slice(1)) % every > 0) return;
          tries.set(id, (tries.get(id) ?? 0) + 1);
          throw new Error('poison');
        },
      });
      const poison = Math.ceil(field.volume / every);
      equal(outcome.counts.dead, poison, `${outcome.counts.dead} messages ended as dead letters, and ${poison} were poison`);
      const others = [...tries.values()].filter((count) => count !== ATTEMPTS);
      equal(others.length, 0, `${others.length} messages were tried ${others[0]} times, and their policy says ${ATTEMPTS}`);
      return outcome;
    };
    const few = await run(100);
    const all = await run(1);
    return {
      counts: together(few.counts, all.counts),
      left: few.left + all.left,
      recoveryMs: few.recoveryMs,
      reconnects: few.reconnects,
      notes: [`1 % and then 100 % poison, ${ATTEMPTS} attempts each`],
    };
  },
};
