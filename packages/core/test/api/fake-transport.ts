import type { Capabilities, Feature } from '../../src/transport/capabilities.js';
import type { Channel, Drift, Subscription, Topology } from '../../src/transport/channel.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery, Message } from '../../src/transport/message.js';
import { defineTransport, NONE, type Receiver, type Transport } from '../../src/transport/transport.js';
import { limitsOf } from '../runtime/fakes.js';

/** A broker that several apps share: queues by address, and the queues that a topic's messages are copied to. */
export class FakeBroker {
  readonly queues = new Map<string, Message[]>();
  readonly bindings = new Map<string, Set<string>>();
  readonly topologies: Topology[] = [];
  /** Everything that was sent, as it crossed the seam. */
  readonly sent: { readonly address: string; readonly message: Message }[] = [];
  readonly refusing = new Set<string>();
  /** What somebody deleted: provisioning makes it again. */
  readonly deleted = new Set<string>();
  /** What never ends: closing these. */
  readonly hanging = new Set<'receiver' | 'sender' | 'transport'>();
  open = 0;
  readonly wakes = new Set<() => void>();

  queue(address: string): Message[] {
    const found = this.queues.get(address) ?? [];
    this.queues.set(address, found);
    return found;
  }
  put(address: string, message: Message): void {
    this.sent.push({ address, message });
    for (const each of this.bindings.get(address) ?? [address]) this.queue(each).push(message);
    for (const wake of this.wakes) wake();
  }
}

export interface FakeOptions {
  readonly broker: FakeBroker;
  readonly without?: readonly Feature[];
  readonly drift?: readonly Drift[];
  readonly fails?: 'connect';
}

const NATIVE: readonly Feature[] = [
  'receive',
  'settleEach',
  'retry',
  'retryDelay',
  'release',
  'delay',
  'ttl',
  'headers',
  'temporary',
  'durable',
  'ordering',
  'filter',
];

const namesOf = (channels: readonly Channel[]): string => channels.map(({ address }) => address).join(' ');

const hang = async (what: 'receiver' | 'sender' | 'transport', { hanging }: FakeBroker): Promise<void> => {
  if (hanging.has(what)) await new Promise(() => {});
};

function transport({ broker, without = [], drift = [], fails }: FakeOptions): Transport {
  const native = Object.fromEntries(
    NATIVE.filter((feature) => !without.includes(feature)).map((feature) => [feature, Number.POSITIVE_INFINITY]),
  );
  const capabilities = (): Capabilities => ({
    native,
    limits: limitsOf({
      receiveBatch: 100,
      settleBatch: 100,
      headers: { count: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY, name: /^/, empty: true },
    }),
    caveats: [],
  });
  return {
    system: 'fake',
    kinds: ['queue', 'topic'],
    capabilities,
    permissions: ({ subscriptions }, { channels }, { from, to }) => [
      { role: 'produce', text: channels.map(({ address }) => address).join(' ') },
      { role: 'consume', text: subscriptions.map(({ address }) => address).join(' ') },
      { role: 'redrive', text: `${namesOf(from)} > ${namesOf(to)}` },
    ],
    async connect() {
      if (fails === 'connect') throw new MessagingError('DENIED', 'wrong password');
      broker.open++;
    },
    async provision(topology, mode) {
      broker.topologies.push(topology);
      const { channels, deadLetters, retries } = topology;
      if (mode === 'create') for (const { address } of [...channels, ...deadLetters, ...retries]) broker.deleted.delete(address);
      for (const { channel, address } of topology.subscriptions)
        if (channel.kind === 'topic')
          broker.bindings.set(channel.address, (broker.bindings.get(channel.address) ?? new Set()).add(address));
      return drift;
    },
    async sender({ address }: Channel) {
      return {
        async send(batch) {
          if (broker.refusing.has(address) || broker.deleted.has(address))
            return batch.map((_, index) => ({ index, error: new MessagingError('NO_ROUTE', `nobody reads ${address}`) }));
          for (const message of batch) {
            if (without.includes('headers') && Object.keys(message.headers).length > 0)
              throw new Error('this broker has no headers');
            broker.put(address, message);
          }
          return NONE;
        },
        close: () => hang('sender', broker),
      };
    },
    receiver: async (subscription) => receiver(broker, subscription),
    health: async () => ({ ok: true, why: undefined }),
    async close() {
      await hang('transport', broker);
      broker.open--;
    },
  };
}

function receiver(broker: FakeBroker, { address }: Subscription): Receiver {
  const held = new Set<Delivery>();
  return {
    async receive(max, signal) {
      const queue = broker.queue(address);
      while (queue.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            broker.wakes.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          broker.wakes.add(wake);
          signal.addEventListener('abort', wake, { once: true });
        });
      if (signal.aborted) return [];
      return queue.splice(0, max).map((message) => {
        const delivery = {
          ...message,
          deliveries: 1,
          partition: undefined,
          position: undefined,
          lockedUntil: Number.POSITIVE_INFINITY,
          lease: undefined,
          receipt: message,
          native: undefined,
        };
        held.add(delivery);
        return delivery;
      });
    },
    async settle(batch, verdict) {
      for (const each of batch)
        if (held.delete(each) && verdict.type !== 'ack') broker.queue(address).push(each.receipt as Message);
      return NONE;
    },
    async close() {
      for (const each of held) broker.queue(address).unshift(each.receipt as Message);
      held.clear();
      await hang('receiver', broker);
    },
  };
}

/** `use: fake`. */
export const fake = defineTransport<FakeOptions, FakeOptions>({
  transport: 'fake',
  options: {
    broker: { type: 'any', description: 'The broker.' },
    without: { type: 'any', description: 'Features that it has not.' },
    drift: { type: 'any', description: 'What provisioning finds.' },
    fails: { type: 'any', description: 'What does not work.' },
  },
  create: transport,
});
