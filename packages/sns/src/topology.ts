import type { Channel, Subscription, Topology } from '@omnibus/core/transport';
import { snsError } from './errors.js';
import { type FilterPolicy, filterPolicy } from './filter-policy.js';
import { topicName } from './names.js';
import type { ResolvedOptions, TopicEndpoint } from './options.js';

/** One group of a topic: a queue with a subscription. */
export interface GroupDeclaration {
  /** Address of the queue that its messages wait in; the SQS transport makes it. */
  readonly address: string;
  /** Undefined: it gets everything. */
  readonly filter: FilterPolicy | undefined;
  readonly types: readonly string[];
  /** Named by a configuration that does not consume it: what its consumers say of their filter holds. */
  readonly isOnlyNamed: boolean;
}

/** One topic, and all that is to receive it. */
export interface TopicDeclaration {
  readonly address: string;
  readonly name: string;
  readonly isFifo: boolean;
  readonly groups: readonly GroupDeclaration[];
  readonly endpoints: readonly TopicEndpoint[];
}

/** The topics of a topology. Throws CONFIG for receivers of a channel that is no topic here. */
export function topicsOf({ channels, subscriptions }: Topology, options: ResolvedOptions): readonly TopicDeclaration[] {
  const all = [...channels, ...subscriptions.map(({ channel }) => channel)].filter(({ kind }) => kind === 'topic');
  const topics = [...new Map(all.map((channel) => [channel.address, channel])).values()];
  const stray = Object.keys(options.subscriptions ?? {}).find((name) => !topics.some((topic) => topic.name === name));
  if (stray !== undefined) {
    const fix = `name one of ${topics.map(({ name }) => `'${name}'`).join(', ') || 'its topics'}, or take it out`;
    throw snsError('CONFIG', `the option 'subscriptions' names '${stray}', which is no topic of this app: ${fix}`);
  }
  return topics.map((channel) => topicOf(channel, subscriptions, options));
}

function topicOf(channel: Channel, subscriptions: readonly Subscription[], options: ResolvedOptions): TopicDeclaration {
  const { address, ordered, name } = channel;
  const own = subscriptions.filter(
    (subscription) => subscription.channel.address === address && subscription.channel.kind === 'topic',
  );
  return {
    address,
    name: topicName(address, ordered),
    isFifo: ordered,
    groups: own.map((subscription) => ({
      address: subscription.address,
      filter: filterPolicy(subscription),
      types: subscription.types,
      isOnlyNamed: subscription.from === 'first', // a consumer of a topic has no `from`
    })),
    endpoints: options.subscriptions?.[name] ?? [],
  };
}

/** What the SQS transport has to know of a topology: its queues, and those of the groups. */
export function queuesOf({ channels, subscriptions, deadLetters, retries }: Topology): Topology {
  const isQueue = ({ kind }: Channel): boolean => kind !== 'topic';
  return {
    channels: channels.filter(isQueue),
    subscriptions: subscriptions.map((subscription) => (isQueue(subscription.channel) ? subscription : queueOf(subscription))),
    deadLetters,
    retries,
  };
}

/** A group's subscription as one of a queue. */
export function queueOf(subscription: Subscription): Subscription {
  const { channel, address, group } = subscription;
  const queue: Channel = { ...channel, name: `${channel.name}.${group ?? ''}`, kind: 'queue', address };
  return { ...subscription, channel: queue, group: undefined };
}
