import { memory } from '@omnibus/memory';
import { startApp } from './app.js';
import type { Bench } from './bench.js';
import { consumeSide } from './consume.js';
import { OrderPlaced, Orders, orderSchema, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { OrderHandler } from './handlers.js';
import { Tally } from './tally.js';
import { compare, counted, type Side } from './windows.js';

const MESSAGES = 400_000;
const LEAST = 0.7;

/** JSON and a zod schema: a filled queue beside a loop that parses, validates and awaits the same handler. */
export const memoryJson: Bench = {
  name: 'memory json',
  async run({ size }) {
    const tally = new Tally();
    const handler = new OrderHandler(tally);
    await using app = await startApp(memory({}), [Orders], handler);
    const ours = consumeSide({ app, channel: Orders, message: OrderPlaced, payloads: orders, tally });
    const loop: Side = async (count) => {
      const bodies = Array.from({ length: count }, (_, index) => Buffer.from(JSON.stringify(orders[index % orders.length])));
      const taken = tally.time(count);
      for (const body of bodies) await handler.count(orderSchema.parse(JSON.parse(body.toString())));
      return taken;
    };
    const compared = await compare(size, counted(MESSAGES, size), ours, loop);
    return [ratioFigure('consume, beside a bare loop', compared, LEAST)];
  },
};
