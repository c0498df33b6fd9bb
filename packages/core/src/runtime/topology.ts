import type { Channel, Subscription, Topology } from '../transport/channel.js';
import { extremes } from './retry-policy.js';
import type { ChannelSpec, ConsumerSpec } from './specs.js';

/** How often the engine lets a message be delivered before it takes it for one that kills its process. */
export const crashLimit = (attempts: number): number => 10 * attempts + 20;

/** A plain queue at an address: dead-letter, retry, parking and reply channels. */
export function plainQueue(address: string, over: Partial<Channel> = {}): Channel {
  return Object.freeze({
    name: address,
    address,
    kind: 'queue',
    ordered: false,
    temporary: false,
    types: [],
    maxDelayMs: 0,
    priorities: 0,
    ...over,
  });
}

/** A consumer as its adapter sees it. */
export function subscription(spec: ConsumerSpec): Subscription {
  const { channel, deadLetter } = spec;
  return Object.freeze({
    channel: channel.wire,
    group: spec.group,
    address: spec.address,
    types: spec.types,
    filter: spec.opaque === undefined ? spec.filter : undefined,
    from: spec.from,
    ordered: channel.wire.ordered,
    window: spec.window,
    exclusive: spec.exclusive,
    temporary: spec.temporary,
    deadLetter: deadLetter?.transport === channel.transport ? deadLetter.wire : undefined,
    crashLimit: crashLimit(extremes(spec.policy).attempts),
  });
}

/** What each transport has to have before messages flow: every object once, by kind and address. */
export class Topologies {
  readonly #byTransport = new Map<
    string,
    {
      channels: Map<string, Channel>;
      subscriptions: Map<string, Subscription>;
      deadLetters: Map<string, Channel>;
      retries: Map<string, Channel>;
    }
  >();

  channel({ transport, wire }: Pick<ChannelSpec, 'transport' | 'wire'>): void {
    this.#of(transport).channels.set(`${wire.kind} ${wire.address}`, wire);
  }
  subscription(transport: string, wanted: Subscription): void {
    this.#of(transport).subscriptions.set(`${wanted.channel.kind} ${wanted.channel.address} ${wanted.address}`, wanted);
  }
  deadLetter({ transport, wire }: Pick<ChannelSpec, 'transport' | 'wire'>): void {
    this.#of(transport).deadLetters.set(wire.address, wire);
  }
  retry(transport: string, wire: Channel): void {
    this.#of(transport).retries.set(wire.address, wire);
  }

  /** Whether what a sender of this channel sends to is among them. */
  has(transport: string, { kind, address }: Channel): boolean {
    const { channels, subscriptions, deadLetters, retries } = this.#of(transport);
    if (channels.has(`${kind} ${address}`) || deadLetters.has(address) || retries.has(address)) return true;
    return [...subscriptions.values()].some((each) => each.address === address);
  }

  get(transport: string): Topology {
    const { channels, subscriptions, deadLetters, retries } = this.#of(transport);
    return {
      channels: [...channels.values()],
      subscriptions: [...subscriptions.values()],
      deadLetters: [...deadLetters.values()],
      retries: [...retries.values()],
    };
  }

  #of(transport: string) {
    let found = this.#byTransport.get(transport);
    if (found === undefined) {
      found = { channels: new Map(), subscriptions: new Map(), deadLetters: new Map(), retries: new Map() };
      this.#byTransport.set(transport, found);
    }
    return found;
  }
}
