import { type Channel, type MessagesOf, type MessageType, queue, stream, topic } from '@omnibus/core';
import { type Equal, OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels, same, Tick } from './contracts.js';

same<Equal<typeof Orders.kind, 'topic'>>();
same<Equal<typeof Parcels.kind, 'queue'>>();
same<Equal<typeof Orders.name, 'orders'>>();
same<Equal<MessagesOf<typeof Orders>, typeof OrderPlaced | typeof OrderCancelled>>();

// A channel is a Channel wherever any will do, and one of fewer messages is one of more.
export const anyChannel: Channel = Orders;
export const anyMessage: MessageType = Tick;
declare const channelOfOne: Channel<'topic', 'orders', typeof OrderPlaced>;
export const wider: Channel<'topic', 'orders', typeof OrderPlaced | typeof OrderCancelled> = channelOfOne;

stream('all', { messages: [Tick], key: () => 'one', ordered: true, maxDelayMs: 1, maxTtlMs: 1, priorities: 10 });
// @ts-expect-error not every message has an orderId
topic('bad', { messages: [OrderPlaced, Tick], key: (order) => order.orderId });
// @ts-expect-error a key is a string
topic('bad', { messages: [OrderPlaced], key: (order) => order.total });
// @ts-expect-error a channel carries messages
queue('bad', {});
// @ts-expect-error messages are made by message()
queue('bad', { messages: ['order.placed'] });
// @ts-expect-error no such option: it would be ignored in silence
queue('bad', { messages: [ParcelBooked], maxDelay: 1_000 });
// @ts-expect-error milliseconds are a number
queue('bad', { messages: [ParcelBooked], maxDelayMs: '1 h' });
// @ts-expect-error what both ends must agree on is fixed
Orders.options.ordered = false;
