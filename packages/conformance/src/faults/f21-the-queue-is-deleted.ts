import { equal } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { REST } from './outlive.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

/**
 * Somebody deletes the queue while it is empty, and sending goes on at once: whoever misses it first declares it again, no send fails
 * for it, and the consumer is back.
 */
export const theQueueIsDeleted: SharingFault = {
  id: 'F21',
  title: 'a queue that was deleted is declared again',
  does: 'the queue is deleted while it is empty, and sending goes on at once',
  breaks: 'its own',
  run: async (field) => {
    const remove = async ({ work, quiet, consumer }: Running): Promise<void> => {
      const isBack = async (): Promise<boolean> =>
        (await field.broker.count(work.address)) !== undefined && (await consumer.health()).ok;
      await quiet(() => field.broker.remove(work.address));
      await until('the queue and its consumer are back', isBack, field.deadlineMs);
    };
    const outcome = await steady(field, {
      at: [[1 / 2, remove], REST],
    });
    const { attempted, acknowledged } = outcome.counts;
    equal(acknowledged, attempted, 'a send failed, though its service may declare the queue again');
    return outcome;
  },
};
