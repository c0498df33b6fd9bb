import { memory } from '@omnibus/memory';
import { startApp } from './app.js';
import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { flat } from './flat.js';
import { OrderHandler } from './handlers.js';
import { fill } from './send.js';
import { Tally } from './tally.js';
import { counted } from './windows.js';

const MESSAGES = 1_000_000;

/** Sent and handled at the same time: memory is bounded, and nothing of a message stays. */
export const memoryFlat: Bench = {
  name: 'memory flat',
  async run({ size }) {
    const tally = new Tally();
    await using app = await startApp(memory({}), [Orders], new OrderHandler(tally));
    const producer = app.producer(Orders);
    return await flat(counted(MESSAGES, size), async (count) => {
      const handled = tally.time(count);
      await fill(producer, OrderPlaced, orders, count);
      await handled;
    });
  },
};
