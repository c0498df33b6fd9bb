import {
  type Channel,
  type ChannelKind,
  type Clock,
  type Delivery,
  type Failures,
  isSubscription,
  type Message,
  type Receiver,
  type Subscription,
  type Topology,
  type Transport,
  type VirtualClock,
  virtualClock,
} from '@omnibus/core/transport';
import { type MemoryBroker, type MemoryOptions, memory, memoryBroker } from '../src/index.js';

/** A transport of the given options, not connected. */
export function transport(options: MemoryOptions, clock: Clock): Transport {
  const defaults = { lockMs: 30_000, partitions: 1, maxMessages: 1_000_000, without: [] };
  return memory.create({ ...defaults, ...options }, { service: 'tests', instance: 'tests-1', clock });
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly broker: MemoryBroker;
  readonly transport: Transport;
}

/** A connected transport to a broker of its own, on a clock that stands still, with these objects made. */
export async function bench(options: MemoryOptions = {}, ...endpoints: (Channel | Subscription)[]): Promise<Bench> {
  const clock = virtualClock();
  const broker = options.broker ?? memoryBroker();
  const made = transport({ ...options, broker }, clock);
  await made.connect();
  await made.provision(topology(...endpoints), 'create');
  return { clock, broker, transport: made };
}

export function topology(...endpoints: (Channel | Subscription)[]): Topology {
  const subscriptions = endpoints.filter(isSubscription);
  const channels = endpoints.map((endpoint) => (isSubscription(endpoint) ? endpoint.channel : endpoint));
  return { channels, subscriptions, deadLetters: [], retries: [] };
}

function channel(kind: ChannelKind, facts: Partial<Channel> = {}): Channel {
  const name = facts.name ?? kind;
  const none = { ordered: false, temporary: false, types: [], maxDelayMs: 0, priorities: 0 };
  return { ...none, address: name, kind, ...facts, name };
}

export const queue = (facts: Partial<Channel> = {}): Channel => channel('queue', facts);
export const topic = (facts: Partial<Channel> = {}): Channel => channel('topic', facts);
export const stream = (facts: Partial<Channel> = {}): Channel => channel('stream', facts);

/** A subscription to a channel: a queue's only one, or that of `group`. */
export function subscription(to: Channel, group?: string, facts: Partial<Subscription> = {}): Subscription {
  return {
    channel: to,
    group,
    address: group === undefined ? to.address : `${to.address}.${group}`,
    types: [],
    filter: undefined,
    from: 'first',
    ordered: to.ordered,
    window: 100,
    exclusive: false,
    temporary: to.temporary,
    deadLetter: undefined,
    crashLimit: 100,
    ...facts,
  };
}

export function message(id: string, facts: Partial<Message> = {}): Message {
  return {
    id,
    type: 'thing.happened',
    time: 1_767_225_600_000,
    contentType: 'application/json',
    body: new TextEncoder().encode('{}'),
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

/** Messages `1` to `count`. */
export const messages = (count: number, facts: Partial<Message> = {}): Message[] =>
  Array.from({ length: count }, (_, index) => message(String(index + 1), facts));

export async function send(through: Transport, to: Channel, ...batch: Message[]): Promise<Failures> {
  const sender = await through.sender(to);
  const failures = await sender.send(batch);
  await sender.close();
  return failures;
}

/** What is there now, without waiting. */
export function poll(receiver: Receiver, max = 100): Promise<readonly Delivery[]> {
  const controller = new AbortController();
  const result = receiver.receive(max, controller.signal);
  controller.abort();
  return result;
}

export const ids = (deliveries: readonly Pick<Message, 'id'>[]): string[] => deliveries.map(({ id }) => id);

export const codes = (failures: Failures): [number, string][] => failures.map(({ index, error }) => [index, error.code]);

/** A signal that never aborts. */
export const never = (): AbortSignal => new AbortController().signal;
