import { equal, ok } from 'node:assert/strict';
import { memoryStore } from '@omnibus/core';
import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

const COPIES = 2;
const HOUR_MS = 3_600_000;

/** Every message is sent twice: with an idempotency store it has its effect once, and without one the books see the difference. */
export const messagesAreDuplicated: SharingFault = {
  id: 'F19',
  title: 'a message that is there twice has its effect once where a store remembers it',
  does: 'every message is sent twice, to a consumer with an idempotency store; then to one without, whose duplicates must be found',
  breaks: 'its own',
  run: async (field) => {
    const store = memoryStore({ max: 2 * field.volume, ttlMs: HOUR_MS });
    const remembering = await steady(field, { copies: COPIES, idempotency: { store } });
    const { duplicated, ok: handled } = remembering.counts;
    equal(duplicated, 0, `${duplicated} messages had their effect twice`);
    equal(store.size, handled, `the store remembers ${store.size} messages, and ${handled} were handled`);
    const forgetting = await steady(field, { copies: COPIES });
    const found = forgetting.counts.duplicated;
    ok(found > 0 || forgetting.counts.acknowledged === 0, 'without a store no duplicate was found: none was injected');
    return { ...remembering, notes: [`without a store ${found} duplicates were found`] };
  },
};
