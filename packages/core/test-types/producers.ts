import { type Context, type Producer, queue, type SendResult, type Sent } from '@omnibus/core';
import { type Equal, GetQuote, OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels, same, Ticks } from './contracts.js';

const Urgent = queue('urgent', { messages: [ParcelBooked], maxTtlMs: 60_000, priorities: 5 });

declare const orders: Producer<typeof Orders>;
declare const parcels: Producer<typeof Parcels>;
declare const ticks: Producer<typeof Ticks>;
declare const urgent: Producer<typeof Urgent>;
declare const context: Context;

export async function sends(signal: AbortSignal) {
  const sent = await orders.send(
    OrderPlaced,
    { orderId: 'a', total: 1 },
    { id: 'i', key: 'k', headers: { a: 'b' }, signal, causedBy: context },
  );
  same<Equal<typeof sent, Sent>>();
  await orders.send(OrderCancelled, { orderId: 'a' }); // the schema's input: `why` has a default
  await parcels.send(ParcelBooked, { orderId: 'a' }, { delayMs: 1_000 });
  await urgent.send(ParcelBooked, { orderId: 'a' }, { ttlMs: 1_000, priority: 4 });

  // @ts-expect-error the channel does not carry it
  await orders.send(ParcelBooked, { orderId: 'a' });
  // @ts-expect-error another payload
  await orders.send(OrderPlaced, { orderId: 1 });
  // @ts-expect-error a field too many is a typing error
  await orders.send(OrderPlaced, { orderId: 'a', total: 1, totl: 1 });
  // @ts-expect-error orders declares no maxDelayMs
  await orders.send(OrderPlaced, { orderId: 'a', total: 1 }, { delayMs: 5 });
  // @ts-expect-error parcels declares no maxTtlMs
  await parcels.send(ParcelBooked, { orderId: 'a' }, { ttlMs: 5 });
  // @ts-expect-error parcels declares no priorities
  await parcels.send(ParcelBooked, { orderId: 'a' }, { priority: 1 });
  // @ts-expect-error urgent declares no maxDelayMs
  await urgent.send(ParcelBooked, { orderId: 'a' }, { delayMs: 1 });
  // @ts-expect-error headers are strings
  await orders.send(OrderPlaced, { orderId: 'a', total: 1 }, { headers: { a: 1 } });
  // @ts-expect-error no such option
  await orders.send(OrderPlaced, { orderId: 'a', total: 1 }, { retries: 1 });
}

export async function sendsMany(some: Iterable<{ orderId: string }>) {
  const results = await parcels.sendAll(ParcelBooked, [{ orderId: 'a' }, { orderId: 'b' }], {
    delayMs: 1_000,
    headers: { a: 'b' },
    causedBy: context,
  });
  same<Equal<typeof results, readonly SendResult[]>>();
  for (const result of results) if ('error' in result) throw result.error;
  await parcels.sendAll(ParcelBooked, some);
  await urgent.sendAll(ParcelBooked, new Set<{ orderId: string }>(), { priority: 1, ttlMs: 1 });

  // @ts-expect-error an id belongs to one message
  await parcels.sendAll(ParcelBooked, [], { id: 'i' });
  // @ts-expect-error a key belongs to one message
  await parcels.sendAll(ParcelBooked, [], { key: 'k' });
  // @ts-expect-error orders declares no maxDelayMs
  await orders.sendAll(OrderPlaced, [], { delayMs: 5 });
  // @ts-expect-error one payload among them is another
  await parcels.sendAll(ParcelBooked, [{ orderId: 'a' }, { orderId: 1 }]);
  // @ts-expect-error the channel does not carry it
  await parcels.sendAll(OrderPlaced, []);
  // @ts-expect-error not a list
  await parcels.sendAll(ParcelBooked, { orderId: 'a' });
}

export async function requests() {
  const reply = await parcels.request(GetQuote, { sku: 's' }, { timeoutMs: 100, headers: { a: 'b' } });
  same<Equal<typeof reply, { price: number; currency: string }>>();

  // @ts-expect-error how long may it take?
  await parcels.request(GetQuote, { sku: 's' });
  // @ts-expect-error another payload
  await parcels.request(GetQuote, { sku: 1 }, { timeoutMs: 100 });
  // @ts-expect-error it declares no reply
  await parcels.request(ParcelBooked, { orderId: 'a' }, { timeoutMs: 100 });
  // @ts-expect-error topics have no requests
  await orders.request(OrderPlaced, { orderId: 'a', total: 1 }, { timeoutMs: 100 });
  // @ts-expect-error nor streams
  await ticks.request(GetQuote, { sku: 's' }, { timeoutMs: 100 });
}
