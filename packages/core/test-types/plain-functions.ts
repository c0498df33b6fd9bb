import { type ConsumerBuilder, to } from '@omnibus/core';
import { type Equal, GetQuote, OrderCancelled, OrderPlaced, type Orders, ParcelBooked, Parcels, same } from './contracts.js';

declare const shipping: ConsumerBuilder<typeof Orders>;
declare const parcels: ConsumerBuilder<typeof Parcels>;

shipping
  .handle(OrderPlaced, async (order, context) => {
    same<Equal<typeof order, { orderId: string; total: number }>>();
    context.log.info({ id: context.id }, 'shipped');
  })
  .handle(OrderPlaced, { batch: 10 }, async (orders, context) => {
    same<Equal<typeof orders, readonly { orderId: string; total: number }[]>>();
    context.messages[0]?.attempt.toFixed();
  })
  .handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }, (order) => ({ orderId: order.orderId }))
  .handle(OrderCancelled, { where: { orderId: { prefix: 'a' } } }, (order) => void order.why);
parcels.handle(GetQuote, async (asked) => ({ price: asked.sku.length }));

// @ts-expect-error the channel does not carry it
shipping.handle(ParcelBooked, async () => {});
// @ts-expect-error a returned value that is no outcome would be lost
shipping.handle(OrderPlaced, async () => 42);
// @ts-expect-error the payload has no such field
shipping.handle(OrderPlaced, { where: { nope: 1 } }, async () => {});
// @ts-expect-error another payload to publish
shipping.handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }, () => ({ total: 1 }));
// @ts-expect-error a request cannot be handled in batches
parcels.handle(GetQuote, { batch: 2 }, async () => {});
// @ts-expect-error another reply
parcels.handle(GetQuote, async () => ({ price: 'x' }));
// @ts-expect-error a request must be answered
parcels.handle(GetQuote, async () => {});
