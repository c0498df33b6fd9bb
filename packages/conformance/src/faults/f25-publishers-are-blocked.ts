import { setTimeout as wait } from 'node:timers/promises';
import type { BrokerFault } from './fault.js';
import { type Running, steady } from './steady.js';

const BLOCKED_MS = 2_000;

/** The broker takes nothing from publishers for a while: sends wait, no more than the batcher's bound, and go on. */
export const publishersAreBlocked: BrokerFault = {
  id: 'F25',
  title: 'sends wait while the broker blocks publishers, and consumers go on',
  does: 'the broker raises its memory alarm for 2 s, twice: it takes nothing from publishers',
  breaks: 'the broker',
  run: (field) => {
    const block = async ({ busy }: Running): Promise<void> => {
      await busy();
      const unblock = await field.broker.blockPublishers();
      await wait(BLOCKED_MS);
      await unblock();
    };
    return steady(field, {
      at: [
        [1 / 3, block],
        [2 / 3, block],
      ],
    });
  },
};
