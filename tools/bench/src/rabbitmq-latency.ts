import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { type Order, OrderPlaced, Orders, orders } from './contracts.js';
import { rate } from './figures.js';
import { OrderHandler } from './handlers.js';
import { onRabbitMq } from './rabbitmq-app.js';
import { outstanding } from './send.js';
import { Tally } from './tally.js';
import { collect, counted, median, percentile } from './windows.js';

const MESSAGES = 10_000;
const AT_ONCE = 1_000;
const MOST_MS = 1;
/** Where the middle half of the windows differs by more, their median says nothing about `MOST_MS`: the machine was too busy. */
const MOST_SPREAD_MS = 5;
/** As many more windows than other benches have: a window of a second has a hundred messages above its p99, a few stalls of the broker. */
const MORE = 5;

type Send = (order: Order) => Promise<unknown>;

/** From the call of `send` to the call of the handler, one process, at half of what the slower side can do. */
export const rabbitmqLatency: Bench = {
  name: 'rabbitmq latency',
  needs: 'rabbitmq',
  run(around) {
    const tally = new Tally();
    const handler = new OrderHandler(tally);
    const count = counted(MESSAGES, around.size);
    return onRabbitMq(around, handler, async ({ app, amqp }) => {
      const producer = app.producer(Orders);
      await amqp.consume(handler);
      const sends: readonly [Send, Send] = [(order) => producer.send(OrderPlaced, order), (order) => amqp.send(order)];
      const most: number[] = [];
      for (const send of [...sends, ...sends]) most.push(await capacity(send, tally, count));
      const half = Math.min(most[2]!, most[3]!) / 2; // the first two warmed up
      const added: { readonly p50: number; readonly p99: number; readonly ours: number; readonly native: number }[] = [];
      for (let round = 0; round < MORE * around.size.windows; round++) {
        const found: [number[], number[]] = [[], []];
        for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
          found[side] = await latencies(sends[side], tally, count, half);
        const [ours, native] = [percentile(found[0], 0.99), percentile(found[1], 0.99)];
        added.push({ p50: percentile(found[0], 0.5) - percentile(found[1], 0.5), p99: ours - native, ours, native });
      }
      const middle = (name: 'p50' | 'ours' | 'native'): string => median(added.map((one) => one[name])).toFixed(2);
      const all = added.map((one) => one.p99);
      const p99 = median(all);
      const [low, high] = [percentile(all, 0.25), percentile(all, 0.75)];
      const conclusive = high - low <= MOST_SPREAD_MS;
      const spread = `the middle half of ${all.length} windows ${low.toFixed(2)} to ${high.toFixed(2)}`;
      return [
        {
          what: `latency added at ${rate(half)}, p99`,
          value: `${p99.toFixed(2)} ms (${spread}); ${middle('ours')} ms beside ${middle('native')} ms${conclusive ? '' : '; the machine was too busy to tell'}`,
          target: { said: `<= ${MOST_MS} ms`, reached: conclusive && p99 <= MOST_MS },
        },
        { what: 'latency added, p50', value: `${middle('p50')} ms` },
      ];
    });
  },
};

/** Messages a second, sent and handled, with all that may be outstanding. */
async function capacity(send: Send, tally: Tally, count: number): Promise<number> {
  collect();
  const taken = tally.time(count);
  await outstanding(count, AT_ONCE, (index) => send(orders[index % orders.length]!));
  return (count * 1_000) / (await taken);
}

/** Sends at an even pace, looked at every ms, and gives each message's latency in ms. */
async function latencies(send: Send, tally: Tally, count: number, perSecond: number): Promise<number[]> {
  collect();
  const all: number[] = [];
  tally.onValue = (placedAt) => all.push(performance.now() - placedAt);
  const taken = tally.time(count);
  const sends: Promise<unknown>[] = [];
  const began = performance.now();
  while (sends.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * perSecond) / 1_000));
    while (sends.length < due) sends.push(send({ ...orders[sends.length % orders.length]!, placedAt: performance.now() }));
    await sleep(1);
  }
  await Promise.all(sends);
  await taken;
  tally.onValue = undefined;
  return all;
}
