import type { Channel, Message, Subscription, Topology } from '@omnibus/core/transport';

/** A message with nothing that it could do without. */
export const message = (over: Partial<Message> = {}): Message => ({
  id: 'm-1',
  type: 'order.placed',
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  contentType: 'application/json',
  body: Buffer.from('{"n":1}'),
  headers: {},
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
  ...over,
});

export const channel = (over: Partial<Channel> = {}): Channel => ({
  name: 'orders',
  address: 'orders',
  kind: 'queue',
  ordered: false,
  temporary: false,
  types: [],
  maxDelayMs: 0,
  priorities: 0,
  ...over,
});

export const subscription = (of: Channel = channel(), over: Partial<Subscription> = {}): Subscription => ({
  channel: of,
  group: undefined,
  address: of.address,
  types: [],
  filter: undefined,
  from: 'first',
  ordered: of.ordered,
  window: 64,
  exclusive: false,
  temporary: false,
  deadLetter: undefined,
  crashLimit: 70,
  ...over,
});

/** What these endpoints need. */
export const topology = (channels: readonly Channel[], subscriptions: readonly Subscription[] = []): Topology => ({
  channels,
  subscriptions,
  deadLetters: [],
  retries: [],
});
