import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders, WINDOW } from './contracts.js';
import { ratioFigure } from './figures.js';
import { OrderHandler } from './handlers.js';
import { onRabbitMq } from './rabbitmq-app.js';
import { fill, outstanding } from './send.js';
import { Tally } from './tally.js';
import { compare, counted, type Side } from './windows.js';

const MESSAGES = 40_000;
const AT_ONCE = 1_000;
const LEAST = 1.3;

/**
 * A filled quorum queue, every message handled and acked. The clock starts when a whole prefetch was handled, so that what a paused
 * consumer has prefetched is no head start.
 */
export const rabbitmqConsume: Bench = {
  name: 'rabbitmq consume',
  needs: 'rabbitmq',
  run(around) {
    const tally = new Tally();
    const handler = new OrderHandler(tally);
    return onRabbitMq(around, handler, async ({ app, amqp }) => {
      const producer = app.producer(Orders);
      const ours: Side = async (count) => {
        await app.pause(Orders);
        await fill(producer, OrderPlaced, orders, count);
        const taken = tally.time(count, Math.min(WINDOW, count >> 1));
        await app.resume(Orders);
        return taken;
      };
      const native: Side = async (count) => {
        await outstanding(count, AT_ONCE, (index) => amqp.send(orders[index % orders.length]!));
        const taken = tally.time(count, Math.min(WINDOW, count >> 1));
        const stop = await amqp.consume(handler);
        const ms = await taken;
        await stop();
        return ms;
      };
      const compared = await compare(around.size, counted(MESSAGES, around.size), ours, native);
      return [ratioFigure('consume, acked, beside amqplib', compared, LEAST)];
    });
  },
};
