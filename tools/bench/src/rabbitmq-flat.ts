import type { Bench } from './bench.js';
import { OrderPlaced, Orders, orders } from './contracts.js';
import { flat } from './flat.js';
import { OrderHandler } from './handlers.js';
import { onRabbitMq } from './rabbitmq-app.js';
import { fill } from './send.js';
import { Tally } from './tally.js';
import { counted } from './windows.js';

const MESSAGES = 1_000_000;

/** As on memory: sent and handled at the same time. */
export const rabbitmqFlat: Bench = {
  name: 'rabbitmq flat',
  needs: 'rabbitmq',
  run(around) {
    const tally = new Tally();
    return onRabbitMq(around, new OrderHandler(tally), async ({ app }) => {
      const producer = app.producer(Orders);
      return flat(counted(MESSAGES, around.size), async (count) => {
        const handled = tally.time(count);
        await fill(producer, OrderPlaced, orders, count);
        await handled;
      });
    });
  },
};
