import type {} from '@omnibus/brokers/vitest-setup';
import {
  type Channel,
  type Delivery,
  type Message,
  type Receiver,
  type Subscription,
  systemClock,
  type Topology,
  type Transport,
} from '@omnibus/core/transport';
import { inject, onTestFinished } from 'vitest';
import { kafka } from '../src/index.js';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';

/** The broker of this run. */
export const broker = inject('kafka');

/** Behind the name of a suite that could not be run. */
export const notRun = broker.available ? '' : ` [not run: ${broker.reason}]`;

/** `host:port` of the broker; none where there is none, and nothing runs. */
export const url: readonly string[] = broker.available ? broker.brokers : [];

/** Both clients: what a broker has to show of one, it has to show of the other. */
export const CLIENTS = ['kafkajs', 'platformatic'] as const;

let made = 0;

/** A name that nobody else uses. */
const unique = (name: string): string => `${name}.${process.pid}.${++made}`;

export const channel = (over: Partial<Channel> = {}): Channel => {
  const name = over.name ?? unique('channel');
  return {
    name,
    address: name,
    kind: 'topic',
    ordered: false,
    temporary: false,
    types: ['note'],
    maxDelayMs: 0,
    priorities: 0,
    ...over,
  };
};

export const subscription = (of: Channel, over: Partial<Subscription> = {}): Subscription => ({
  channel: of,
  group: 'group',
  address: `${of.address}.group`,
  types: of.types,
  filter: undefined,
  from: 'first',
  ordered: of.ordered,
  window: 100,
  exclusive: false,
  temporary: false,
  deadLetter: undefined,
  crashLimit: 70,
  ...over,
});

export const topology = (channels: readonly Channel[], subscriptions: readonly Subscription[] = []): Topology => ({
  channels,
  subscriptions,
  deadLetters: [],
  retries: [],
});

/** A transport of this test, closed when the test is over; not connected. */
export function transport(options: Partial<ResolvedOptions> = {}): Transport {
  const environment = { service: 'tests', instance: `${process.pid}-${made++}`, clock: systemClock };
  const one = kafka.create({ ...DEFAULTS, url, sessionTimeoutMs: 6_000, ...options }, environment);
  onTestFinished(() => one.close());
  return one;
}

/** A connected transport with what this topology needs. */
export async function connected(wanted: Topology, options: Partial<ResolvedOptions> = {}): Promise<Transport> {
  const one = transport(options);
  await one.connect();
  await one.provision(wanted, 'create');
  return one;
}

export const note = (over: Partial<Message> = {}): Message => ({
  id: unique('id'),
  type: 'note',
  time: 1_767_225_600_000,
  contentType: 'text/plain',
  body: Buffer.from('note'),
  headers: {},
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
  ...over,
});

/** Exactly `amount` deliveries, in the order in which they came. */
export async function take(receiver: Receiver, amount: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const signal = AbortSignal.timeout(25_000);
  while (taken.length < amount) {
    const more = await receiver.receive(amount - taken.length, signal);
    if (more.length === 0 && signal.aborted) throw new Error(`${taken.length} of ${amount} deliveries came`);
    taken.push(...more);
  }
  return taken;
}
