import type { Capabilities, Channel, Feature, OptionSpecs, Subscription } from '@omnibus/core/transport';
import { Broker, type MemoryBroker } from './broker.js';
import { memoryError } from './errors.js';

/** Options of the memory transport. */
export interface MemoryOptions {
  /** The broker to use, from `memoryBroker()`, so that several transports share it. Default: one of its own. */
  readonly broker?: MemoryBroker;
  /** Ms after which an unsettled delivery is delivered again, unless it was extended. Default: 30,000. */
  readonly lockMs?: number;
  /** Partitions of a stream that this transport makes. Default: 1. */
  readonly partitions?: number;
  /**
   * Most messages that a queue, a group of a topic or a partition of a stream keeps; a send beyond it fails with THROTTLED.
   * Default: 1,000,000.
   */
  readonly maxMessages?: number;
  /** Native features to switch off, for tests of what replaces them. Default: none. */
  readonly without?: readonly Feature[];
  /** Capabilities of another transport to take on: what it cannot do is switched off, its limits are enforced. */
  readonly capabilities?: (endpoint: Channel | Subscription) => Capabilities;
}

/** The options with every default filled in. */
export type ResolvedOptions = Required<Omit<MemoryOptions, 'broker' | 'capabilities'>> &
  Pick<MemoryOptions, 'broker' | 'capabilities'>;

const FEATURES: Readonly<Record<Feature, true>> = {
  receive: true,
  settleEach: true,
  retry: true,
  retryDelay: true,
  release: true,
  reject: true,
  lock: true,
  delay: true,
  ordering: true,
  dedup: true,
  ttl: true,
  priority: true,
  headers: true,
  replay: true,
  temporary: true,
  durable: true,
  filter: true,
  wildcard: true,
  transaction: true,
};

/** The options, said once for every reader of configurations. */
export const options: OptionSpecs<MemoryOptions> = {
  broker: { type: 'any', description: 'The broker to use, from memoryBroker(). Default: one of its own.' },
  lockMs: {
    type: 'number',
    min: 1,
    default: 30_000,
    description: 'Ms after which an unsettled delivery is delivered again, unless it was extended.',
  },
  partitions: {
    type: 'number',
    whole: true,
    min: 1,
    max: 1_024,
    default: 1,
    description: 'Partitions of a stream that this transport makes.',
  },
  maxMessages: {
    type: 'number',
    whole: true,
    min: 1,
    default: 1_000_000,
    description:
      'Most messages that a queue, a group of a topic or a partition of a stream keeps; more are refused as THROTTLED.',
  },
  without: {
    type: 'strings',
    values: Object.keys(FEATURES),
    default: [],
    description: 'Native features to switch off, for tests of what replaces them.',
  },
  capabilities: { type: 'any', description: 'A function that gives the capabilities of another transport, which are taken on.' },
};

/** The broker behind the option; throws CONFIG for anything that `memoryBroker` of this package did not make. */
export function brokerOf({ broker }: ResolvedOptions): Broker {
  if (broker === undefined) return new Broker(undefined);
  if (broker instanceof Broker) return broker;
  throw memoryError('CONFIG', "the option 'broker' takes what memoryBroker() of this very copy of @omnibus/memory made");
}
