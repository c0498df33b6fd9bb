import { ok } from 'node:assert/strict';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';
import { until } from './until.js';

/** Nothing passes any more, and no end is told: only heartbeats notice. */
export const aLinkIsHalfOpen: SharingFault = {
  id: 'F8',
  title: 'a half-open link is noticed by its heartbeat, health goes down and comes back',
  does: 'the consumer’s socket freezes: nothing passes any more, and no end is told',
  breaks: 'its own',
  run: async (field) => {
    await using link = await field.broker.link();
    let noticedMs = 0;
    const outcome = await steady(field, {
      consumer: link.definition(),
      at: [
        [
          1 / 2,
          async ({ consumer }) => {
            const began = performance.now();
            link.halfOpen();
            const healthy = async (): Promise<boolean> => (await consumer.health()).ok;
            await until('health is down', async () => !(await healthy()), field.deadlineMs);
            noticedMs = Math.round(performance.now() - began);
            await until('health is up again', healthy, field.deadlineMs);
          },
        ],
      ],
    });
    ok(field.harness.linkless || outcome.reconnects.consumer > 0, 'the consumer had no new link');
    return { ...outcome, notes: [`health was down after ${noticedMs} ms`] };
  },
};
