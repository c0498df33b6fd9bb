import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { onKafka } from './kafka-app.js';
import { outstanding } from './send.js';
import { compare, counted, informed, type Side } from './windows.js';

const MESSAGES = 40_000;
const AT_ONCE = 1_000;
const LEAST = 0.95;

/** Messages that a caller has at once. */
const TOGETHER = 100;

/** Sends that are awaited one by one, and a hundred at a time, with as many messages outstanding; stored on all replicas in sync. */
export const kafkaPublish: Bench = {
  name: 'kafka publish',
  needs: 'kafka',
  run({ size, ...around }) {
    return onKafka({ size, ...around }, Orders, undefined, async ({ app, raw }) => {
      const producer = app.producer(Orders);
      const side =
        (together: number, send: (from: number) => Promise<unknown>): Side =>
        async (count) => {
          const began = performance.now();
          await outstanding(Math.ceil(count / together), AT_ONCE / together, (call) => send(call * together));
          return performance.now() - began;
        };
      const order = (index: number) => orders[index % orders.length]!;
      const some = (from: number) => Array.from({ length: TOGETHER }, (_, index) => order(from + index));
      const count = counted(MESSAGES, size);
      const ours = side(1, (index) => producer.send(OrderPlaced, order(index)));
      const gathered = side(1, (index) => raw.send(order(index)));
      const oursTogether = side(TOGETHER, (from) => producer.sendAll(OrderPlaced, some(from)));
      const together = side(TOGETHER, (from) => raw.sendMany(some(from)));
      const single = side(1, (index) => raw.sendOne(order(index)));
      const one = await compare(size, count, ours, gathered);
      const many = await compare(size, count, oursTogether, together);
      const alone = await compare(informed(size), { ours: count, native: Math.ceil(count / 10) }, ours, single);
      return [
        ratioFigure('publish, one by one, beside kafkajs with what waits gathered by hand', one, LEAST),
        ratioFigure(`publish, ${TOGETHER} at a time, beside kafkajs with as many in a request`, many, LEAST),
        ratioFigure('publish, one by one, beside kafkajs with a request for each', alone),
      ];
    });
  },
};
