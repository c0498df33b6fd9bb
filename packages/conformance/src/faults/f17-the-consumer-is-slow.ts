import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** Handlers that take much longer than sends: what is taken stays within the window, the rest waits at the broker. */
export const theConsumerIsSlow: Fault = {
  id: 'F17',
  title: 'a consumer that is slow holds no more than its window',
  run: async (field) => {
    let most = 0;
    const watch = ({
      consumers,
    }: {
      readonly consumers: readonly {
        readonly stats: { readonly consumers: Readonly<Record<string, { readonly held: number }>> };
      }[];
    }): void => {
      for (const app of consumers) for (const { held } of Object.values(app.stats.consumers)) most = Math.max(most, held);
    };
    const window = 4 * 32;
    const outcome = await steady(field, {
      handler: () => wait(10),
      at: [0.2, 0.4, 0.6, 0.8, 1].map((part) => [part, async (running) => watch(running)] as const),
    });
    if (most > window) throw new Error(`${most} messages were held, and the window is ${window}`);
    return { ...outcome, notes: [...outcome.notes, `most held ${most} of ${window}`] };
  },
};
