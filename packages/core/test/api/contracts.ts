import { z } from 'zod';
import { queue, topic } from '../../src/api/channels.js';
import { message } from '../../src/api/messages.js';

export const OrderPlaced = message('order.placed', z.object({ orderId: z.string(), total: z.number() }));
export const OrderCancelled = message('order.cancelled', z.object({ orderId: z.string() }));
export const ParcelBooked = message('parcel.booked', z.object({ orderId: z.string() }));

export const Orders = topic('orders', { messages: [OrderPlaced, OrderCancelled], key: (order) => order.orderId });
export const Parcels = queue('parcels', { messages: [ParcelBooked], maxDelayMs: 60_000 });

/** What TC39 decorators get as their second argument; `metadata` only where the runner has Symbol.metadata. */
export const tc39 = (kind: string, name: string) => ({ kind, name, static: false, private: false, addInitializer() {} }) as never;
