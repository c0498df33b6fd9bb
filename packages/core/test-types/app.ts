import { type App, createApp, exponential, type TransportFactory } from '@omnibus/core';
import { Container } from 'inversify';
import { type Equal, GetQuote, OrderPlaced, Orders, ParcelBooked, ParcelLost, Parcels, same, Ticks } from './contracts.js';

declare const rabbitmq: TransportFactory<{ url: string }>;
const config = { name: 'shop', transports: { here: { use: 'memory' } }, default: 'here' } as const;
class Shipping {
  constructor(readonly _any: string) {}
}

export async function life() {
  const app = await createApp({
    config,
    container: new Container(),
    classes: [Shipping],
    producers: [Orders],
    transports: [rabbitmq],
  });
  same<Equal<typeof app, App>>();
  await app.start();
  await app.stop({ deadlineMs: 25_000 });
  await app.run({ deadlineMs: 25_000 });
  await using another = await createApp({ config });
  await another.pause(Orders, 'shipping');

  // @ts-expect-error a configuration is needed
  await createApp({ container: new Container() });
  // @ts-expect-error classes, not objects
  await createApp({ config, classes: [new Shipping('a')] });
  // @ts-expect-error not a container
  await createApp({ config, container: {} });
  // @ts-expect-error channels, not their names
  await createApp({ config, producers: ['orders'] });
  // @ts-expect-error channels, not their names
  await app.pause('orders');
  // @ts-expect-error milliseconds are a number
  await app.stop({ deadlineMs: '25 s' });
}

export function plainFunctions(app: App) {
  app
    .consumer(Orders, { group: 'shipping', concurrency: 8, retry: exponential({ attempts: 3 }) })
    .handle(OrderPlaced, (order) => same<Equal<typeof order, { orderId: string; total: number }>>());
  app.consumer(Parcels).handle(GetQuote, async (asked) => ({ price: asked.sku.length }));
  app.consumer(Parcels, { ignore: [GetQuote], scope: 'singleton' });
  app.consumer(Ticks, { group: 'audit', from: 'first' });

  // @ts-expect-error the channel does not carry it
  app.consumer(Orders, { group: 'x' }).handle(ParcelBooked, async () => {});
  // @ts-expect-error a topic needs a group
  app.consumer(Orders);
  // @ts-expect-error a queue has no positions
  app.consumer(Parcels, { from: 'first' });
  // @ts-expect-error a stream needs `from`
  app.consumer(Ticks, { group: 'audit' });
  // @ts-expect-error the queue does not carry it
  app.consumer(Parcels, { ignore: [ParcelLost] });
}

export async function producers(app: App) {
  await app.producer(Parcels).send(ParcelBooked, { orderId: 'a' }, { delayMs: 1_000 });
  await app.producer(Parcels).request(GetQuote, { sku: 's' }, { timeoutMs: 100 });

  // @ts-expect-error the channel does not carry it
  await app.producer(Orders).send(ParcelBooked, { orderId: 'a' });
  // @ts-expect-error another payload
  await app.producer(Orders).send(OrderPlaced, { orderId: 'a' });
}
