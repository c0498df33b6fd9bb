import { message, type PayloadOf, queue, topic } from '@omnibus/core';
import { z } from 'zod';

// What the services of this shop say to each other. In real life a package of its own, which all of them share.

const orderId = z.string();

/** A request: what does it cost? Its sender waits for the reply. */
export const GetQuote = message('quote.get', z.object({ sku: z.string() }), { reply: z.object({ price: z.number() }) });
export type GetQuote = PayloadOf<typeof GetQuote>;
export const Quotes = queue('shop.quotes', { messages: [GetQuote] });

/** A command: exactly one service is to do it. */
export const ChargeCard = message('card.charge', z.object({ orderId, card: z.string(), amount: z.number().positive() }));
export type ChargeCard = PayloadOf<typeof ChargeCard>;
export const Payments = queue('shop.payments', { messages: [ChargeCard] });

/** An event: whoever is interested has a group of its own. */
export const OrderPaid = message('order.paid', z.object({ orderId, amount: z.number() }));
export type OrderPaid = PayloadOf<typeof OrderPaid>;
export const Orders = topic('shop.orders', { messages: [OrderPaid], key: (order) => order.orderId });

/** Steps that must stay in order: those of one parcel are handled one after another, those of others meanwhile. */
export const ParcelMoved = message('parcel.moved', z.object({ orderId, step: z.number().int(), place: z.string() }));
export type ParcelMoved = PayloadOf<typeof ParcelMoved>;
export const Parcels = queue('shop.parcels', { messages: [ParcelMoved], key: (parcel) => parcel.orderId, ordered: true });

/** Where payments end up that failed for good. A dead-letter channel is a channel like any other. */
export const LostPayments = queue('shop.payments.dead', { messages: [ChargeCard] });
