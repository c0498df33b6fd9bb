import { randomUUID } from 'node:crypto';
import type { Channel, InputOf, MessagesOf } from '@omnibus/core';
import { memory } from '@omnibus/memory';
import { startApp } from './app.js';
import type { Bench } from './bench.js';
import { Blob, Blobs, blobs, OrderPlaced, Orders, orderSchema, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { outstanding } from './send.js';
import { compare, counted, type Side } from './windows.js';

const MESSAGES = 100_000;
const AT_ONCE = 1_000;

/** What a send costs beside a loop that validates, encodes, makes an id and resolves a promise. */
export const memoryPublish: Bench = {
  name: 'memory publish',
  async run({ size }) {
    const count = counted(MESSAGES, size);
    const bytes = publishSide(Blobs, Blob, blobs);
    const bytesLoop = timed(async (index) => ({ id: randomUUID(), body: blobs[index % blobs.length] }));
    const json = publishSide(Orders, OrderPlaced, orders);
    const jsonLoop = timed(async (index) => {
      const order = orderSchema.parse(orders[index % orders.length]);
      return { id: randomUUID(), body: Buffer.from(JSON.stringify(order)) };
    });
    return [
      ratioFigure('publish, identity codec, beside a bare loop', await compare(size, count, bytes, bytesLoop)),
      ratioFigure('publish, JSON and zod, beside a bare loop', await compare(size, count, json, jsonLoop)),
    ];
  },
};

/** An app a window: what it has stored goes with it. */
function publishSide<C extends Channel, M extends MessagesOf<C>>(channel: C, message: M, payloads: readonly InputOf<M>[]): Side {
  return async (count) => {
    await using app = await startApp(memory({}), [channel]);
    const producer = app.producer(channel);
    return await timed((index) => producer.send(message, payloads[index % payloads.length]!))(count);
  };
}

function timed(send: (index: number) => Promise<unknown>): Side {
  return async (count) => {
    const began = performance.now();
    await outstanding(count, AT_ONCE, send);
    return performance.now() - began;
  };
}
