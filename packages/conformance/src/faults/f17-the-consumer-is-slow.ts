import { ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { App } from '@omnibus/core';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

const CONCURRENCY = 8;

/** Handlers that take much longer than sends: what is taken stays within the window, the rest waits at the broker. */
export const theConsumerIsSlow: SharingFault = {
  id: 'F17',
  title: 'a consumer that is slow holds no more than its window',
  does: 'handlers take much longer than sends',
  breaks: 'its own',
  run: async (field) => {
    let consumer: App | undefined;
    let most = 0;
    const window = 4 * CONCURRENCY;
    const outcome = await steady(field, {
      concurrency: CONCURRENCY,
      restMs: 0,
      handler: async () => {
        for (const { held } of Object.values(consumer?.stats.consumers ?? {})) most = Math.max(most, held);
        await wait(10);
      },
      at: [[0, async (running) => void (consumer = running.consumer)]],
    });
    ok(most > 0 && most <= window, `${most} messages were held, and the window is ${window}`);
    return { ...outcome, notes: [`most held ${most} of ${window}`] };
  },
};
