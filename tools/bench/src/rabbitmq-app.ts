import type { App } from '@omnibus/core';
import { rabbitmq } from '@omnibus/rabbitmq';
import { Amqp } from './amqp.js';
import { startApp } from './app.js';
import type { Surroundings } from './bench.js';
import { Orders } from './contracts.js';

/** Both sides of a comparison on RabbitMQ. */
export interface Sides {
  readonly app: App;
  readonly amqp: Amqp;
}

/** Opens both sides, runs, and takes the queues away again. */
export async function onRabbitMq<T>(
  { rabbitmq: broker }: Surroundings,
  handler: object | undefined,
  run: (sides: Sides) => Promise<T>,
): Promise<T> {
  if (broker === undefined) throw new Error('this bench needs RabbitMQ');
  await using amqp = await Amqp.open(broker.url);
  try {
    await using app = await startApp(rabbitmq({ url: broker.url }), [Orders], handler);
    return await run({ app, amqp });
  } finally {
    await amqp.remove(Orders.name, `${Orders.name}.dead`);
  }
}
