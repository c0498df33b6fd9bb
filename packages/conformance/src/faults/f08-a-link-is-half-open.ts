import type { App } from '@omnibus/core';
import type { Fault } from './fault.js';
import { steady, until } from './steady.js';

/** Nothing passes any more, and no end is told: only heartbeats notice. */
export const aLinkIsHalfOpen: Fault = {
  id: 'F8',
  title: 'a half-open link is noticed by its heartbeat, health goes down and comes back',
  run: async (field) => {
    await using link = await field.broker.link();
    return await steady(field, {
      consumer: link.definition(),
      at: [
        [
          1 / 2,
          async ({ consumers }) => {
            link.halfOpen();
            const healthy = async (): Promise<boolean> => (await (consumers[0] as App).health()).ok;
            await until('health is down', async () => !(await healthy()), field.deadlineMs);
            await until('health is up again', healthy, field.deadlineMs);
          },
        ],
      ],
    });
  },
};
