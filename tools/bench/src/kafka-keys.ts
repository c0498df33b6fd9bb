import type { Bench, Surroundings } from './bench.js';
import { type Order, OrderedOrders, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { KEYED, KeyedOrderHandler } from './handlers.js';
import { onKafka } from './kafka-app.js';
import { PARTITIONS } from './kafka-raw.js';
import { readingSides } from './kafka-sides.js';
import { Tally } from './tally.js';
import { type Compared, compare } from './windows.js';

const OURS = 25_600;
const NATIVE = 1_600;
const HEAD_START = 256; // a window
const LEAST = 10;

/** Slow handlers, each key in order: side by side across the keys, while kafkajs handles one message of each partition at a time. */
export const kafkaKeys: Bench = {
  name: 'kafka keys',
  needs: 'kafka',
  async run(around) {
    const what = `consume, ${KEYED.keys} keys in order on ${PARTITIONS} partitions, handlers of ${KEYED.ms} ms`;
    const large = await beside(around, orders);
    const small = await beside(
      around,
      orders.map((order) => ({ ...order, lines: [], note: '' })),
    );
    return [
      ratioFigure(`${what}, beside kafkajs (eachMessage, partitionsConsumedConcurrently ${PARTITIONS})`, large, LEAST),
      ratioFigure('the same with bodies of 160 bytes', small, LEAST),
    ];
  },
};

function beside(around: Surroundings, bodies: readonly Order[]): Promise<Compared> {
  const tally = new Tally();
  const handler = new KeyedOrderHandler(tally);
  const payloads = shuffled(bodies.slice(0, KEYED.keys), OURS / KEYED.keys);
  return onKafka(around, OrderedOrders, handler, async ({ app, raw }) => {
    await raw.consume(handler, 'eachMessage');
    const { ours, native } = readingSides({ app, raw, channel: OrderedOrders, payloads, tally, headStart: HEAD_START });
    const { scale } = around.size;
    return compare(around.size, { ours: Math.max(640, OURS * scale), native: Math.max(64, NATIVE * scale) }, ours, native);
  });
}

/** Each of them so many times, in an order that is random and the same in every run. */
function shuffled<T>(values: readonly T[], times: number): readonly T[] {
  const all = Array.from({ length: times }, () => values).flat();
  let seed = 1;
  for (let index = all.length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (index + 1));
    [all[index], all[other]] = [all[other]!, all[index]!];
  }
  return all;
}
