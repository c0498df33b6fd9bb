import { equal } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';
import { until } from './until.js';

/** The broker cancels a consumer whose link is fine: health says so, and it consumes again on the same link. */
export const theConsumerIsCancelled: SharingFault = {
  id: 'F22',
  title: 'a consumer that the broker cancelled consumes again without a new link',
  does: 'the queue is deleted while it is empty, so that the broker cancels its consumer on a healthy link',
  breaks: 'its own',
  run: (field) =>
    steady(field, {
      at: [
        [
          1 / 2,
          ({ work, quiet, consumer }) =>
            quiet(async () => {
              const before = consumer.stats.reconnects;
              const isBack = async (): Promise<boolean> =>
                (await field.broker.count(work.address)) !== undefined && (await consumer.health()).ok;
              await field.broker.remove(work.address);
              await until('the consumer is back', isBack, field.deadlineMs);
              equal(consumer.stats.reconnects, before, 'the whole link was opened anew for one cancelled consumer');
            }),
        ],
      ],
    }),
};
