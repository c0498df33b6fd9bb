import { ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { SharingFault } from './fault.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

const HANDLER_MS = 15;
const CONCURRENCY = 8;

/** RST on the consumer's sockets, five times, while it holds more messages than it handles at a time. */
export const theConsumerIsCutOff: SharingFault = {
  id: 'F5',
  title: 'a consumer that is cut off gets again what it held, and nothing is skipped',
  does: 'the consumer’s sockets are reset, five times, while it holds more messages than it handles at a time',
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    await using link = await field.broker.link();
    const { linkless = false } = field.harness;
    let cuts = 0;
    let connections = 0;
    const cut = async ({ consumer }: Running): Promise<void> => {
      const isBack = (): boolean => linkless || consumer.stats.reconnects >= cuts;
      const isHolding = (): boolean => isBack() && Object.values(consumer.stats.consumers).some(({ held }) => held > CONCURRENCY);
      await until('the consumer holds more than it handles', isHolding, field.deadlineMs, 1);
      connections += link.cut();
      cuts++;
    };
    const outcome = await steady(field, {
      ordered: true,
      consumer: link.definition(),
      concurrency: CONCURRENCY,
      handler: () => wait(HANDLER_MS),
      at: [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => [part, cut] as const),
    });
    ok(connections > 0, 'nothing was cut');
    const { consumer } = outcome.reconnects;
    ok(linkless || consumer >= cuts, `the consumer had ${consumer} new links after ${cuts} cuts`);
    return outcome;
  },
};
