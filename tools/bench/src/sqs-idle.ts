import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { OrderHandler } from './handlers.js';
import { fill } from './send.js';
import { startSqsApp } from './sqs-app.js';
import { SqsBroker } from './sqs-broker.js';
import { PRICES } from './sqs-prices.js';
import { Tally } from './tally.js';

const MESSAGES = 2_000; // enough for all polls that there may be
const POLL_MS = 20_000;
const POLLS = 6;
const SHORT = { pollMs: 1_000, polls: 2 }; // the shortest that the transport takes
const MOST = 3;
const MINUTE_MS = 60_000;
const MONTH_MINUTES = 30 * 24 * 60;

/** What a queue costs on which nothing happens: calls after a burst has opened all the polls that there may be. */
export const sqsIdle: Bench = {
  name: 'sqs idle',
  async run({ size }) {
    const [waitMs, polls] = size.scale === 1 ? [POLL_MS, POLLS] : [SHORT.pollMs, SHORT.polls];
    const tally = new Tally();
    await using broker = await SqsBroker.start('stand-in');
    await using app = await startSqsApp(broker, Orders, new OrderHandler(tally), waitMs);
    const handled = tally.time(MESSAGES);
    await fill(app.producer(Orders), OrderPlaced, orders, MESSAGES);
    await handled;
    await sleep(waitMs * 1.25); // the polls of the burst end
    await broker.reset();
    await sleep(waitMs * (polls + 0.5));
    const counts = await broker.counts();
    const all = Object.values(counts);
    const calls = all.reduce((sum, each) => sum + each.calls, 0);
    const ms = Math.max(...all.map(({ last }) => last)) - Math.min(...all.map(({ first }) => first));
    const perMinute = ((calls - 1) * MINUTE_MS) / ms; // from the first to the last
    const month = (perMinute * MONTH_MINUTES * PRICES.standard) / 1_000_000;
    return [
      {
        what: `calls a minute of an idle queue, polls of ${waitMs / 1_000} s`,
        value: `${perMinute.toFixed(2)} (${calls} calls, ${((calls - 1) * waitMs) / 1_000} s); $${month.toFixed(3)} a month of 30 days`,
        ...(waitMs === POLL_MS ? { target: { said: `<= ${MOST}`, reached: perMinute <= MOST } } : {}),
      },
    ];
  },
};
