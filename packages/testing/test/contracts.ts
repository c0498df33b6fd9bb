import { message, type PayloadOf, queue, topic } from '@omnibus/core';
import { z } from 'zod';

export const OrderPlaced = message('order.placed', z.object({ orderId: z.string(), total: z.number().default(0) }));
export type OrderPlaced = PayloadOf<typeof OrderPlaced>;
export const OrderShipped = message('order.shipped', z.object({ orderId: z.string(), at: z.coerce.date<string | Date>() }));
export type OrderShipped = PayloadOf<typeof OrderShipped>;
export const Orders = topic('orders', { messages: [OrderPlaced, OrderShipped], key: (order) => order.orderId });

export const ParcelBooked = message('parcel.booked', z.object({ orderId: z.string() }));
export type ParcelBooked = PayloadOf<typeof ParcelBooked>;
export const GetQuote = message('quote.get', z.object({ sku: z.string() }), { reply: z.object({ price: z.number() }) });
export type GetQuote = PayloadOf<typeof GetQuote>;
export const Parcels = queue('parcels', { messages: [ParcelBooked], maxDelayMs: 3_600_000, maxTtlMs: 60_000 });
export const Quotes = queue('quotes', { messages: [GetQuote] });
/** In the order sent, key by key. */
export const Steps = queue('steps', { messages: [ParcelBooked], key: (step) => step.orderId, ordered: true });
