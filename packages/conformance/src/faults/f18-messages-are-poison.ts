import { exponential } from '@omnibus/core';
import type { Fault, Outcome } from './fault.js';
import { steady } from './steady.js';

const ATTEMPTS = 3;

/** 1 % of the messages always fail, then all of them: each is tried as often as the policy says and ends as a dead letter. */
export const messagesArePoison: Fault = {
  id: 'F18',
  title: 'poison ends in the dead-letter channel, after its attempts, and good messages flow',
  run: async (field) => {
    const tries = new Map<string, number>();
    const run = (isPoison: (n: number) => boolean): Promise<Outcome> =>
      steady(field, {
        keys: 1,
        retry: exponential({ attempts: ATTEMPTS, firstMs: 10, maxMs: 50 }),
        handler: async (id, n) => {
          if (!isPoison(n)) return;
          tries.set(id, (tries.get(id) ?? 0) + 1);
          throw new Error('poison');
        },
      });
    const few = await run((n) => n % 100 === 0);
    const most = Math.max(...tries.values());
    tries.clear();
    const all = await run(() => true);
    const mostOfAll = Math.max(...tries.values());
    if (most > ATTEMPTS || mostOfAll > ATTEMPTS)
      throw new Error(`a poison message was tried ${Math.max(most, mostOfAll)} times, and its policy says ${ATTEMPTS}`);
    return { ...few, notes: [...few.notes, `at 100 %: ok ${all.counts.ok}, lost ${all.counts.lost}, ${all.notes.at(-1) ?? ''}`] };
  },
};
