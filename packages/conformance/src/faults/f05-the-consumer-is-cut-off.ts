import { ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { SharingFault } from './fault.js';
import { type Running, steady } from './steady.js';

const HANDLER_MS = 5;

/** RST on the consumer's sockets, five times, while it holds messages. */
export const theConsumerIsCutOff: SharingFault = {
  id: 'F5',
  title: 'a consumer that is cut off gets again what it held, and nothing is skipped',
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    await using link = await field.broker.link();
    const cut = async ({ busy }: Running): Promise<void> => {
      await busy();
      await wait(HANDLER_MS);
      link.cut();
    };
    const outcome = await steady(field, {
      ordered: true,
      consumer: link.definition(),
      handler: () => wait(HANDLER_MS),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
    ok(outcome.reconnects.consumer > 0, 'the consumer had no new link: nothing was cut');
    return outcome;
  },
};
