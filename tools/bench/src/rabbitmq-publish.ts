import { TWIN } from './amqp.js';
import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { onRabbitMq } from './rabbitmq-app.js';
import { outstanding } from './send.js';
import { compare, counted, type Side } from './windows.js';

const MESSAGES = 40_000;
const AT_ONCE = 1_000;
const LEAST = 0.95;

/** Persistent messages to a quorum queue, each awaited to its confirm. */
export const rabbitmqPublish: Bench = {
  name: 'rabbitmq publish',
  needs: 'rabbitmq',
  run(around) {
    return onRabbitMq(around, undefined, async ({ app, amqp }) => {
      const producer = app.producer(Orders);
      const side =
        (send: (index: number) => Promise<unknown>): Side =>
        async (count) => {
          await amqp.purge(Orders.name, TWIN);
          const began = performance.now();
          await outstanding(count, AT_ONCE, send);
          return performance.now() - began;
        };
      const ours = side((index) => producer.send(OrderPlaced, orders[index % orders.length]!));
      const native = side((index) => amqp.send(orders[index % orders.length]!));
      const compared = await compare(around.size, counted(MESSAGES, around.size), ours, native);
      return [ratioFigure('publish, confirmed, beside amqplib', compared, LEAST)];
    });
  },
};
