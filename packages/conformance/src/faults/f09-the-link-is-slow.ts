import { equal, ok } from 'node:assert/strict';
import type { App } from '@omnibus/core';
import { type BrokenLink, needed, type SharingFault, type Slowness } from './fault.js';
import { type Running, steady } from './steady.js';
import { until } from './until.js';

const ROUND_TRIP_MS = 1_000;
const LOSS = 0.05;

/** A proxy of TCP cannot lose packets below it: a loss is what it looks like from above, bytes that wait for those sent again. */
const SLOW: Slowness = {
  latencyMs: ROUND_TRIP_MS / 2,
  bytesPerSec: 16 * 1024,
  stalls: { chance: LOSS, minMs: 200, maxMs: 1_000 },
};

const CONCURRENCY = 32;
const WINDOW = 4 * CONCURRENCY;

/** Of a line of sends no two messages are in one round trip, so so many from each line take some of them. */
const FROM_EACH_LINE = 2.5;

/** Far, narrow and lossy links of both services for a while: all goes slower, and nothing else happens. */
export const theLinkIsSlow: SharingFault = {
  id: 'F9',
  title: 'a slow link slows down and does no more: nothing comes twice for it, and no more is held than the window',
  does: `the links of publisher and consumer get a round trip of ${ROUND_TRIP_MS / 1_000} s, 16 KB/s for each connection and way, and ${100 * LOSS} % loss: a stand-in for it, as a proxy of TCP cannot drop packets: one chunk in ${1 / LOSS} waits 0.2 to 1 s longer, and all behind it`,
  breaks: 'its own',
  ordered: true,
  run: async (field) => {
    await using sending = await field.broker.link({ patient: true });
    await using receiving = await field.broker.link({ patient: true });
    const lines = Math.min(200, Math.floor(field.volume / 20));
    const enough = Math.ceil(FROM_EACH_LINE * lines);
    let consumer: App | undefined;
    let most = 0;
    let note = '';
    const slowDown = async ({ busy, books }: Running): Promise<void> => {
      await busy();
      const mend = [sending, receiving].map(slow);
      const began = performance.now();
      const before = books.acknowledged;
      const handled = books.handlings().length;
      const isEnough = (): boolean => books.handlings().length - handled >= enough;
      await until(`${enough} messages came over the slow links`, isEnough, field.deadlineMs);
      const ms = performance.now() - began;
      const sent = books.acknowledged - before;
      for (const heal of mend) heal();
      const trips = Math.floor(ms / ROUND_TRIP_MS) + 1; // the first may have been half over
      ok(sent <= lines * trips, `${sent} sends of ${lines} lines resolved in ${trips} round trips: the link was not slow`);
      note = `${enough} messages came over the slow links in ${Math.round(ms)} ms, ${sent} were sent`;
    };
    const outcome = await steady(field, {
      ordered: true,
      publisher: sending.definition(),
      consumer: receiving.definition(),
      concurrency: CONCURRENCY,
      lines,
      handler: async () => {
        for (const { held } of Object.values(consumer?.stats.consumers ?? {})) most = Math.max(most, held);
      },
      at: [
        [0, async (running) => void (consumer = running.consumer)],
        [1 / 4, slowDown],
      ],
    });
    const { counts, reconnects } = outcome;
    ok(most > 0 && most <= WINDOW, `${most} messages were held, and the window is ${WINDOW}`);
    equal(counts.duplicated, 0, `${counts.duplicated} messages came twice, and no lock or lease was over`);
    equal(reconnects.publisher + reconnects.consumer, 0, 'a link was given up that was only slow');
    equal(counts.acknowledged, counts.attempted, 'a send failed that was only slow');
    return { ...outcome, notes: [note, `most held ${most} of ${WINDOW}`] };
  },
};

const slow = (link: BrokenLink): (() => void) => needed(link.slow, 'link.slow')(SLOW);
