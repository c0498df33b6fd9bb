import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '@omnibus/core';
import type { Bench, Figure } from './bench.js';
import { OrderedOrders, OrderPlaced, Orders, orders } from './contracts.js';
import { OrderedOrderHandler, OrderHandler } from './handlers.js';
import { fill } from './send.js';
import { startSqsApp } from './sqs-app.js';
import { SqsBroker } from './sqs-broker.js';
import type { Counts } from './sqs-front.js';
import { costPerMillion, PRICES } from './sqs-prices.js';
import { Tally } from './tally.js';
import { counted } from './windows.js';

const MESSAGES = 40_000;
const PACE = { messages: 4_000, perSecond: 200 };
const MOST = 0.32;
const DELETED_MS = 10_000;
const LOOK_MS = 20;

/** Calls of SQS for a message, from `send` to its deletion, counted where they arrive, and what they cost. */
export const sqsCalls: Bench = {
  name: 'sqs calls',
  async run({ size }) {
    const tally = new Tally();
    const count = counted(MESSAGES, size);
    const standard = await atFullLoad(Orders, new OrderHandler(tally), tally, count);
    const fifo = await atFullLoad(OrderedOrders, new OrderedOrderHandler(tally), tally, count);
    const few = counted(PACE.messages, size);
    const paced = await atAPace(new OrderHandler(tally), tally, few);
    return [
      ...figures('standard queue, full load', standard, count, PRICES.standard, MOST),
      ...figures('FIFO queue, full load', fifo, count, PRICES.fifo, MOST),
      ...figures(`standard queue, ${PACE.perSecond} messages a second`, paced, few, PRICES.standard),
    ];
  },
};

/** A queue is filled by one app, then emptied by another. */
async function atFullLoad(channel: Channel, handler: object, tally: Tally, count: number): Promise<Counts> {
  await using broker = await SqsBroker.start('stand-in');
  {
    await using filling = await startSqsApp(broker, channel);
    await broker.reset(); // what made the queues
    await fill(filling.producer(channel), OrderPlaced, orders, count);
  }
  const handled = tally.time(count);
  await using _emptying = await startSqsApp(broker, channel, handler);
  await handled;
  return await whenDeleted(broker, count);
}

/** Sent one by one at an even pace, each handled at once. */
async function atAPace(handler: object, tally: Tally, count: number): Promise<Counts> {
  await using broker = await SqsBroker.start('stand-in');
  await using app = await startSqsApp(broker, Orders, handler);
  const producer = app.producer(Orders);
  await broker.reset();
  const handled = tally.time(count);
  const sends: Promise<unknown>[] = [];
  const began = performance.now();
  while (sends.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - began) * PACE.perSecond) / 1_000));
    while (sends.length < due) sends.push(producer.send(OrderPlaced, orders[sends.length % orders.length]!));
    await sleep(1);
  }
  await Promise.all(sends);
  await handled;
  return await whenDeleted(broker, count);
}

/** What was counted until the last message was deleted, of the operations that messages need. */
async function whenDeleted(broker: SqsBroker, count: number): Promise<Counts> {
  const deadline = performance.now() + DELETED_MS;
  for (;;) {
    const { CreateQueue: _, GetQueueUrl: __, GetQueueAttributes: ___, ...counts } = await broker.counts();
    if ((counts['DeleteMessageBatch']?.messages ?? 0) >= count) return counts;
    if (performance.now() > deadline) throw new Error(`not all of ${count} messages are deleted after ${DELETED_MS} ms`);
    await sleep(LOOK_MS);
  }
}

function figures(what: string, counts: Counts, messages: number, price: number, most?: number): readonly Figure[] {
  const all = Object.values(counts).reduce((sum, { calls }) => sum + calls, 0) / messages;
  const parts = Object.entries(counts).map(
    ([operation, { calls, messages: carried, empty }]) =>
      `${operation} ${calls.toLocaleString('en-US')} with ${(carried / Math.max(1, calls - empty)).toFixed(2)} each${empty > 0 ? ` and ${empty} empty` : ''}`,
  );
  const cost = costPerMillion(counts, messages, price);
  return [
    {
      what: `${what}, calls a message`,
      value: `${all.toFixed(3)}; $${cost.toFixed(3)} a million messages at $${price} a million requests`,
      ...(most === undefined ? {} : { target: { said: `<= ${most}`, reached: all <= most } }),
    },
    { what: `${what}, ${messages.toLocaleString('en-US')} messages`, value: parts.join(', ') },
  ];
}
