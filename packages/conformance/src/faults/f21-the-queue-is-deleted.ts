import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { REST } from './outlive.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

/** Somebody deletes the queue while it is empty, and sending goes on at once: it is declared again, and the consumer is back. */
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
    const { attempted, acknowledged, ok: handled } = outcome.counts;
    ok(handled >= 0.65 * attempted, `only ${handled} of ${attempted} messages were handled: the new queue was not used`);
    return { ...outcome, notes: [`sends that were told there is no queue ${attempted - acknowledged}`] };
  },
};
