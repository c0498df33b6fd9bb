import type { Bench } from './bench.js';
import { Orders, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { OrderHandler } from './handlers.js';
import { onKafka } from './kafka-app.js';
import { readingSides } from './kafka-sides.js';
import { Tally } from './tally.js';
import { compare, counted } from './windows.js';

const MESSAGES = 60_000;
const HEAD_START = 5_000; // a shelf of four windows, and one fetch
const LEAST = 0.85;

/** A filled topic, every message handled and committed. */
export const kafkaConsume: Bench = {
  name: 'kafka consume',
  needs: 'kafka',
  run(around) {
    const tally = new Tally();
    const handler = new OrderHandler(tally);
    return onKafka(around, Orders, handler, async ({ app, raw }) => {
      await raw.consume(handler, 'eachBatch');
      const { ours, native } = readingSides({ app, raw, channel: Orders, payloads: orders, tally, headStart: HEAD_START });
      const compared = await compare(around.size, counted(MESSAGES, around.size), ours, native);
      return [ratioFigure('consume, committed, beside kafkajs (eachBatch)', compared, LEAST)];
    });
  },
};
