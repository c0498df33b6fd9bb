import type { Capabilities, Channel, Drift, Subscription, Topology } from '@omnibus/core/transport';
import { isSubscription } from '@omnibus/core/transport';
import type { Broker } from './broker.js';
import type { BrokerObject } from './broker-object.js';
import { memoryError, notNative } from './errors.js';
import type { Group } from './group.js';
import { EVERYTHING, Interest, nameOf, type Wish } from './interest.js';
import type { Link } from './link.js';
import type { ResolvedOptions } from './options.js';
import { propertiesOf, type QueueShape, StoredQueue } from './stored-queue.js';
import { Stream, streamPropertiesOf } from './stream.js';
import { TOPIC_PROPERTIES, Topic } from './topic.js';

type Mode = 'create' | 'verify';

/** An object that a configuration wants. */
interface Wanted {
  readonly address: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly temporary: boolean;
  readonly make: () => BrokerObject;
}

/** Makes, compares and finds the broker's objects, as one transport's options want them. */
export class Builder {
  constructor(
    private readonly broker: Broker,
    private readonly options: ResolvedOptions,
    private readonly capabilities: (endpoint: Channel | Subscription) => Capabilities,
  ) {}

  /** Temporary objects are no drift: they are made when they are used. */
  provision(topology: Topology, link: Link, mode: Mode): readonly Drift[] {
    const named = [...topology.channels, ...topology.deadLetters, ...topology.retries];
    const { subscriptions } = topology;
    const channels = new Map(
      [...named, ...subscriptions.map(({ channel }) => channel)].map((channel) => [channel.address, channel]),
    );
    return [
      ...[...channels.values()].flatMap((channel) => this.place(this.channelWanted(channel), link, mode)),
      ...subscriptions.flatMap((subscription) => this.subscribe(subscription, link, mode)),
    ];
  }

  /**
   * The group that a receiver joins. A group of a stream begins here if it is new; what is temporary is made here.
   * Throws NOT_FOUND where an object was never made, TOPOLOGY where it is of another kind.
   */
  groupOf(subscription: Subscription, link: Link): Group {
    const { channel, address } = subscription;
    if (channel.temporary) this.place(this.channelWanted(channel), link, 'create');
    if (channel.kind === 'stream') return this.joinStream(subscription, link);
    if (channel.kind === 'topic') this.find(channel.address, Topic, 'topic');
    if (isTemporary(subscription)) this.subscribe(subscription, link, 'create');
    return this.find(address, StoredQueue, 'queue').group;
  }

  private subscribe(subscription: Subscription, link: Link, mode: Mode): readonly Drift[] {
    this.checkTemporary(subscription);
    const { channel } = subscription;
    if (channel.kind === 'topic') return this.bind(subscription, link, mode);
    const stream = this.broker.objects.get(channel.address);
    if (mode === 'create' && stream instanceof Stream && stream.durable) this.joinStream(subscription, link);
    return [];
  }

  private checkTemporary(subscription: Subscription): void {
    if (!isTemporary(subscription) || this.capabilities(subscription).native.temporary !== undefined) return;
    throw notNative('temporary', `'${subscription.address}' is temporary`);
  }

  private bind(subscription: Subscription, link: Link, mode: Mode): readonly Drift[] {
    const { channel, address } = subscription;
    const drift = this.place(this.groupWanted(subscription), link, mode);
    const topic = this.broker.objects.get(channel.address);
    const queue = this.broker.objects.get(address);
    if (!(topic instanceof Topic && queue instanceof StoredQueue)) return drift;
    const wish = this.wishOf(subscription);
    const interest = topic.bindings.get(address)?.interest ?? new Interest();
    if (interest.has(wish)) return drift;
    if (mode === 'verify')
      return [...drift, { object: address, property: 'types', wanted: nameOf(wish), found: String(interest) }];
    interest.add(wish);
    topic.bindings.set(address, { queue, interest });
    if (isTemporary(subscription)) link.addTemporary(() => topic.bindings.delete(address));
    return drift;
  }

  private joinStream(subscription: Subscription, link: Link): Group {
    this.checkTemporary(subscription);
    const { channel, address, from } = subscription;
    const { native } = this.capabilities(subscription);
    const stream = this.find(channel.address, Stream, 'stream');
    let reading = stream.readings.get(address);
    if (reading === undefined) {
      if (from !== 'next' && native.replay === undefined)
        throw notNative('replay', `'${address}' does not begin with what comes next`);
      const ordered = subscription.ordered && native.ordering !== undefined;
      reading = stream.open(address, from, ordered, new Interest());
      if (subscription.temporary) link.addTemporary(() => stream.readings.delete(address));
    }
    reading.interest.add(this.wishOf(subscription));
    return reading.group;
  }

  private place({ address, properties, temporary, make }: Wanted, link: Link, mode: Mode): readonly Drift[] {
    const existing = this.broker.objects.get(address);
    if (existing !== undefined) return compare(address, properties, existing.properties);
    if (mode === 'verify')
      return temporary ? [] : [{ object: address, property: 'kind', wanted: properties['kind']!, found: 'missing' }];
    if (this.broker.faults.denying) throw memoryError('DENIED', `the broker lets nobody make '${address}'`);
    this.broker.objects.set(address, make());
    if (temporary) link.addTemporary(() => this.broker.objects.delete(address));
    return [];
  }

  private find<T extends BrokerObject>(address: string, type: new (...args: never[]) => T, kind: T['kind']): T {
    const object = this.broker.objects.get(address);
    if (object instanceof type) return object;
    if (object === undefined) throw memoryError('NOT_FOUND', `nothing stands at '${address}'; provision it first`);
    throw memoryError('TOPOLOGY', `'${address}' is a ${object.kind}, not a ${kind}`);
  }

  private channelWanted(channel: Channel): Wanted {
    const { address, kind, temporary } = channel;
    const { native } = this.capabilities(channel);
    if (temporary && native.temporary === undefined) throw notNative('temporary', `'${address}' is temporary`);
    if (kind === 'topic') return { address, properties: TOPIC_PROPERTIES, temporary, make: () => new Topic() };
    if (kind === 'queue') return this.queueWanted(channel, address, temporary);
    const { partitions, maxMessages } = this.options;
    const shape = { partitions, maxMessages, durable: native.durable !== undefined };
    return { address, properties: streamPropertiesOf(shape), temporary, make: () => new Stream(this.broker.clock, shape) };
  }

  private groupWanted(subscription: Subscription): Wanted {
    return this.queueWanted(subscription, subscription.address, isTemporary(subscription));
  }

  private queueWanted(endpoint: Channel | Subscription, address: string, temporary: boolean): Wanted {
    const { native } = this.capabilities(endpoint);
    const { priorities } = isSubscription(endpoint) ? endpoint.channel : endpoint;
    const shape: QueueShape = {
      ordered: endpoint.ordered && native.ordering !== undefined,
      priorities: Math.min(priorities, native.priority ?? 0),
      maxMessages: this.options.maxMessages,
      durable: native.durable !== undefined,
    };
    return { address, properties: propertiesOf(shape), temporary, make: () => new StoredQueue(this.broker.clock, shape) };
  }

  private wishOf(subscription: Subscription): Wish {
    return this.capabilities(subscription).native.filter === undefined ? EVERYTHING : subscription;
  }
}

const isTemporary = (subscription: Subscription): boolean => subscription.temporary || subscription.channel.temporary;

function compare(object: string, wanted: Wanted['properties'], found: Wanted['properties']): readonly Drift[] {
  const names = wanted['kind'] === found['kind'] ? Object.keys(wanted) : ['kind'];
  return names
    .filter((property) => wanted[property] !== found[property])
    .map((property) => ({ object, property, wanted: wanted[property]!, found: found[property]! }));
}
