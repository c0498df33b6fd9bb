import {
  type Channel,
  type ChannelKind,
  isSubscription,
  type Message,
  type Subscription,
  type Topology,
} from '@omnibus/core/transport';

/** A name that no other test has. */
export const unique = (name: string): string => `${name}.${Math.random().toString(36).slice(2, 10)}`;

export function channel(kind: ChannelKind, name: string, facts: Partial<Channel> = {}): Channel {
  const none = { ordered: false, temporary: false, types: [], maxDelayMs: 0, priorities: 0 };
  return { ...none, name, address: name, kind, ...facts };
}

/** The only subscription of a queue, or that of `group` on a topic. */
export function subscription(to: Channel, facts: Partial<Subscription> = {}): Subscription {
  return {
    channel: to,
    group: undefined,
    address: facts.group === undefined ? to.address : `${to.address}.${facts.group}`,
    types: to.types,
    filter: undefined,
    from: 'next',
    ordered: to.ordered,
    window: 100,
    exclusive: false,
    temporary: false,
    deadLetter: undefined,
    crashLimit: 70,
    ...facts,
  };
}

/** All that these endpoints need. */
export function topology(...endpoints: readonly (Channel | Subscription)[]): Topology {
  const subscriptions = endpoints.filter(isSubscription);
  const channels = endpoints.map((endpoint) => (isSubscription(endpoint) ? endpoint.channel : endpoint));
  const deadLetters = subscriptions.flatMap(({ deadLetter }) => (deadLetter === undefined ? [] : [deadLetter]));
  return { channels, subscriptions, deadLetters, retries: [] };
}

let count = 0;

export function message(facts: Partial<Message> = {}): Message {
  return {
    id: `message-${count++}`,
    type: 'order.placed',
    time: 1_767_225_600_000,
    contentType: 'application/json',
    body: Buffer.from('{"total":1}'),
    headers: {},
    key: undefined,
    correlationId: undefined,
    replyTo: undefined,
    delayMs: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    priority: 0,
    ...facts,
  };
}

export const messages = (amount: number, facts: (index: number) => Partial<Message> = () => ({})): Message[] =>
  Array.from({ length: amount }, (_, index) => message(facts(index)));
