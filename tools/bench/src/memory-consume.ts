import { type App, createApp } from '@omnibus/core';
import { memory } from '@omnibus/memory';
import { Blob, Blobs, blobs, type Order, OrderPlaced, Orders, orders, orderSchema } from './contracts.js';
import { fill } from './fill.js';
import { BlobHandler, OrderHandler } from './handlers.js';
import { ratioFigure, rate } from './figures.js';
import { Tally } from './tally.js';
import type { Bench } from './bench.js';
import { compare, counted, type Side } from './windows.js';

/** An app on the memory transport with one consumer. */
export async function memoryApp(handler: object): Promise<App> {
  const app = await createApp({ config: { name: 'bench', transports: { memory: memory({}) }, default: 'memory' } });
  app.attach(handler);
  return app;
}

const ENGINE = 400_000;
const ORDERS = 200_000;

/** The engine itself: a filled queue, an identity codec, a schema that passes everything, an asynchronous decorated handler. */
export const memoryEngine: Bench = {
  name: 'memory engine',
  async run({ size }) {
    const tally = new Tally();
    const handler = new BlobHandler(tally);
    await using app = await memoryApp(handler);
    const producer = app.producer(Blobs);
    await app.start();
    await app.pause(Blobs);
    const ours: Side = async (count) => {
      await fill(producer, Blob, blobs, count);
      const done = tally.expect(count);
      const began = performance.now();
      app.resume(Blobs);
      await done;
      const ms = performance.now() - began;
      await app.pause(Blobs);
      return ms;
    };
    const loop: Side = async (count) => {
      void tally.expect(count);
      const began = performance.now();
      for (let index = 0; index < count; index++) await handler.count(blobs[index % blobs.length]!);
      return performance.now() - began;
    };
    const compared = await compare(size, counted(ENGINE, size), ours, loop);
    return [
      {
        what: 'consume, identity codec',
        value: rate(compared.ours),
        target: { said: '>= 1,000,000/s', reached: compared.ours >= 1_000_000 },
      },
      ratioFigure('beside a bare loop that awaits the handler', compared),
    ];
  },
};

/** The same with JSON and a zod schema, beside a loop that parses, validates and awaits the same handler. */
export const memoryJson: Bench = {
  name: 'memory json',
  async run({ size }) {
    const tally = new Tally();
    const handler = new OrderHandler(tally);
    await using app = await memoryApp(handler);
    const producer = app.producer(Orders);
    await app.start();
    await app.pause(Orders);
    const ours: Side = async (count) => {
      await fill(producer, OrderPlaced, orders, count);
      const done = tally.expect(count);
      const began = performance.now();
      app.resume(Orders);
      await done;
      const ms = performance.now() - began;
      await app.pause(Orders);
      return ms;
    };
    const loop: Side = async (count) => {
      const bodies = Array.from({ length: count }, (_, index) => Buffer.from(JSON.stringify(orders[index % orders.length])));
      void tally.expect(count);
      const began = performance.now();
      for (let index = 0; index < count; index++) {
        const order: Order = orderSchema.parse(JSON.parse(bodies[index]!.toString()));
        await handler.count(order);
      }
      return performance.now() - began;
    };
    const compared = await compare(size, counted(ORDERS, size), ours, loop);
    return [ratioFigure('consume, JSON and zod, beside a bare loop', compared, 0.7)];
  },
};
