import type { Feature } from '../transport/capabilities.js';
import type { TransportDefinition } from '../transport/transport.js';

/** Which features may be emulated where the broker lacks them: `safe` = those that keep every guarantee; a feature's name adds it. */
export type Emulate = 'none' | 'safe' | readonly ('safe' | Feature)[];

/** `create` makes what is missing, `verify` refuses to start when something is missing or differs, `assume` asks nothing. */
export type Provision = 'create' | 'verify' | 'assume';

/** How messages that Omnibus did not send are read. At least one of both. */
export interface ForeignConfig {
  /** The type of a message that does not name its own. */
  readonly type?: string | undefined;
  /** Where a message names its type: in a header, or in a top-level field of its JSON payload. */
  readonly from?: { readonly header: string } | { readonly field: string } | undefined;
}

/** What is said about one group of a channel. Groups named here are provisioned by publishers too. */
export interface GroupConfig {
  /** Name of the broker's object that holds the group's messages; default `<channel address>.<group>`. */
  readonly address?: string | undefined;
  /** Channel for what this group gave up; default `<channel>.<group>.dead`. */
  readonly deadLetter?: string | undefined;
}

/** What is said about one channel, by its name. Only what differs from the convention needs saying. */
export interface ChannelConfig<T extends string = string> {
  /** A key of `transports`; default: what `default` names. */
  readonly transport?: T | undefined;
  /** Name of the broker's object; default: the channel's name. */
  readonly address?: string | undefined;
  /** Channel for what its consumers gave up; default `<channel>.dead`, or `<channel>.<group>.dead`. */
  readonly deadLetter?: string | undefined;
  readonly groups?: Readonly<Record<string, GroupConfig>> | undefined;
  readonly emulate?: Emulate | undefined;
  readonly foreign?: ForeignConfig | undefined;
}

/** Retries of one consumer; what is absent is the decorator's. */
export interface RetryConfig {
  /** Times that a message is handled before it is rejected, the first one included. */
  readonly attempts?: number | undefined;
  /** Delay before the second attempt, in ms. */
  readonly firstMs?: number | undefined;
  /** No delay is longer, in ms. */
  readonly maxMs?: number | undefined;
  /** Each delay is this many times the one before. */
  readonly factor?: number | undefined;
}

/** What is said about one consumer, by `channel` or `channel/group`. Wins over the decorator's options. */
export interface ConsumerConfig {
  /** Messages handled at one time; default 16. */
  readonly concurrency?: number | undefined;
  readonly retry?: RetryConfig | undefined;
  /** False: this process does not consume it. Default true. */
  readonly enabled?: boolean | undefined;
  /** A handler that runs longer has failed, in ms; default: none. */
  readonly handlerTimeoutMs?: number | undefined;
  /** Deliveries held unsettled at one time; default 4 x concurrency. */
  readonly window?: number | undefined;
}

/** The whole configuration of one service. `T` are the names of its transports. */
export interface Config<T extends string = string> {
  /** The service's name: CloudEvents `source`, connection names, reply addresses, metrics. */
  readonly name: string;
  readonly transports: { readonly [K in T]: TransportDefinition };
  /** The transport of every channel that names none: a key of `transports`. */
  readonly default: NoInfer<T>;
  readonly channels?: Readonly<Record<string, ChannelConfig<NoInfer<T>>>> | undefined;
  /** By channel, or channel/group: `orders/shipping: { concurrency: 8 }`. Wins over the decorator's options. */
  readonly consumers?: Readonly<Record<string, ConsumerConfig>> | undefined;
  /** Default `safe`. */
  readonly emulate?: Emulate | undefined;
  /** Default `create`. */
  readonly provision?: Provision | undefined;
  /** Where replies to this service wait, on brokers where it may not create a queue by itself. */
  readonly replies?: { readonly address: string } | undefined;
  /** A send that no broker confirmed for this long is a TIMEOUT, in ms; default 30,000. */
  readonly sendTimeoutMs?: number | undefined;
  /** `start()` gives up after this long, in ms; default 30,000. */
  readonly startTimeoutMs?: number | undefined;
  /** Handlers get this long to finish when the service stops, in ms; default 25,000. */
  readonly stopDeadlineMs?: number | undefined;
}

/** A checked configuration: every default is filled in, every object frozen, and no key of a map is inherited. */
export interface CheckedConfig extends Config {
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  readonly consumers: Readonly<Record<string, ConsumerConfig>>;
  readonly emulate: Emulate;
  readonly provision: Provision;
  readonly sendTimeoutMs: number;
  readonly startTimeoutMs: number;
  readonly stopDeadlineMs: number;
}

/** Gives the configuration back as it stands, with its types checked: `default` and every channel's transport must be a key of `transports`. */
export function defineConfig<const T extends string>(config: Config<T>): Config<T> {
  return config;
}
