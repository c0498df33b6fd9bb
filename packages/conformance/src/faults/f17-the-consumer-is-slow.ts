import { ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { App } from '@omnibus/core';
import { Work } from './contracts.js';
import type { SharingFault } from './fault.js';
import { sampleOf } from './load.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

const CONCURRENCY = 8;
const BESIDE = 100;

/**
 * Handlers that take much longer than sends: what is taken stays within the window, the rest waits at the broker. For a while they do
 * not end at all, and another channel of the same two services goes on.
 */
export const theConsumerIsSlow: SharingFault = {
  id: 'F17',
  title: 'a consumer that is slow holds no more than its window, and holds up no other channel',
  does: 'handlers take much longer than sends, and for a while they stand still',
  breaks: 'its own',
  run: async (field) => {
    const { deadlineMs } = field;
    const window = 4 * CONCURRENCY;
    const beside = new Set<string>();
    let consumer: App | undefined;
    let most = 0;
    let standing = 0;
    let gate: Promise<void> | undefined;

    const standStill = async (run: Running): Promise<void> => {
      let open!: () => void;
      gate = new Promise((resolve) => (open = resolve));
      try {
        await until('every handler stands still', () => standing === CONCURRENCY, deadlineMs);
        const producer = run.publisher.producer(run.beside.channel);
        const samples = Array.from({ length: BESIDE }, (_, index) => sampleOf(index, BESIDE));
        await Promise.all(samples.map((sample) => producer.send(Work, sample, { id: sample.id })));
        await until('the other channel is handled', () => beside.size === BESIDE, deadlineMs);
        ok(standing === CONCURRENCY, 'handlers went on before the other channel was handled');
      } finally {
        gate = undefined;
        open();
      }
    };
    const outcome = await steady(field, {
      concurrency: CONCURRENCY,
      restMs: 0,
      handler: async () => {
        for (const { held } of Object.values(consumer?.stats.consumers ?? {})) most = Math.max(most, held);
        if (gate === undefined) return wait(10);
        standing++;
        await gate;
        standing--;
      },
      beside: (id) => void beside.add(id),
      at: [
        [0, async (run) => void (consumer = run.consumer)],
        [1 / 2, standStill],
      ],
    });
    ok(most > 0 && most <= window, `${most} messages were held, and the window is ${window}`);
    const notes = [`most held ${most} of ${window}`, `${BESIDE} of another channel were handled while its handlers stood still`];
    return { ...outcome, notes };
  },
};
