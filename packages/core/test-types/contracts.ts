// What the other files of this folder talk about. Each `@ts-expect-error` here is a promise: the compiler reports one that is unused.
import { message, type PayloadOf, queue, stream, topic } from '@omnibus/core';
import { z } from 'zod';

/** Compiles only where both are the very same type. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const same = <_Same extends true>(): void => {};

export const OrderPlaced = message('order.placed', z.object({ orderId: z.string(), total: z.number() }));
export type OrderPlaced = PayloadOf<typeof OrderPlaced>;
export const OrderCancelled = message('order.cancelled', z.object({ orderId: z.string(), why: z.string().default('none') }));
export type OrderCancelled = PayloadOf<typeof OrderCancelled>;
export const ParcelBooked = message('parcel.booked', z.object({ orderId: z.string() }));
export const ParcelLost = message('parcel.lost', z.object({ orderId: z.string() }));
export const GetQuote = message('quote.get', z.object({ sku: z.string() }), {
  reply: z.object({ price: z.number(), currency: z.string().default('EUR') }),
});
export type GetQuote = PayloadOf<typeof GetQuote>;
export const Tick = message('tick', z.object({ at: z.coerce.date<string | Date>() }), { key: (tick) => tick.at.toISOString() });

export const Orders = topic('orders', { messages: [OrderPlaced, OrderCancelled], key: (order) => order.orderId, ordered: true });
export const Parcels = queue('parcels', { messages: [ParcelBooked, GetQuote], maxDelayMs: 3_600_000 });
export const Ticks = stream('ticks', { messages: [Tick] });
