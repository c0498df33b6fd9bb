import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { ratioFigure } from './figures.js';
import { outstanding } from './send.js';
import { onSqs } from './sqs-app.js';
import { BATCH } from './sqs-raw.js';
import { compare, counted, informed, type Side } from './windows.js';

const MESSAGES = 20_000;
const AT_ONCE = 1_000;

/** Sends that are awaited one by one, beside a loop that fills calls of ten by hand, with as many messages outstanding. */
export const sqsPublish: Bench = {
  name: 'sqs publish',
  run({ size }) {
    return onSqs('stand-in', Orders, undefined, async ({ app, raw, broker }) => {
      const producer = app.producer(Orders);
      const timed =
        (work: (count: number) => Promise<void>): Side =>
        async (count) => {
          const began = performance.now();
          await work(count);
          return performance.now() - began;
        };
      const ours = timed((count) =>
        outstanding(count, AT_ONCE, (index) => producer.send(OrderPlaced, orders[index % orders.length]!)),
      );
      const compared = await compare(
        size,
        counted(MESSAGES, size),
        ours,
        timed((count) => raw.send(count, AT_ONCE / BATCH)),
      );
      await broker.reset();
      const count = counted(MESSAGES, size);
      await ours(count);
      const { calls = 0 } = (await broker.counts())['SendMessageBatch'] ?? {};
      const loop = timed((some) => raw.send(some, 1));
      const single = await compare(informed(size), { ours: count, native: Math.ceil(count / BATCH) }, ours, loop);
      return [
        ratioFigure(`publish, beside SendMessageBatch by hand with ${AT_ONCE / BATCH} calls open`, compared),
        ratioFigure('the same beside one such call after another', single),
        { what: 'calls a message', value: `${(calls / count).toFixed(3)}, ${(count / calls).toFixed(1)} messages in each` },
      ];
    });
  },
};
