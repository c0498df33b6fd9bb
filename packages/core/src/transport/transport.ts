import type { Capabilities } from './capabilities.js';
import type { Channel, ChannelKind, Drift, From, Subscription, Topology } from './channel.js';
import type { Clock } from './clock.js';
import type { MessagingError } from './errors.js';
import type { Delivery, Message } from './message.js';
import type { OptionSpec } from './options.js';
import type { Verdict } from './verdict.js';

/*
 * The seam between the engine and a broker. An adapter translates; it never retries, sleeps, logs, counts, reconnects or
 * batches beyond one broker call per chunk of its limits. What holds for every adapter:
 *
 * - Arrays are borrowed, never kept. Calls may overlap. Partial failure is a value, total failure a throw.
 * - `close` is idempotent and lets calls in flight finish.
 * - `receive` returns within 20 s (empty if nothing came) and gives the engine empty at once when the signal aborts; what
 *   an aborted poll still brings is released before `close` resolves.
 * - Settling twice is no error: the adapter keeps the set of unsettled receipts and answers a second settle itself. A settle
 *   or extend after `lockedUntil` or an aborted lease is LOST by our own monotonic clock, whatever the broker answers.
 * - A lost link: the adapter aborts every lease and fails every pending and later call on the objects opened on that link:
 *   receive and send with CONNECTION, settle and extend with LOST. It never reopens by itself. A send error says whether the
 *   broker may have the message (`outcome`). The core closes the dead ends, calls `connect` again with backoff, provisions,
 *   opens new ends and re-sends what is unresolved with the same id.
 * - `connect` opens a new link; after a lost one it may be called again on the same Transport. It ends within 10 s.
 * - What only the broker can tell is an option with a stated default; `connect` checks it, and a mismatch is a CAPABILITY error.
 */

/** What failed in a batch, by index; everything that is not named succeeded. */
export type Failures = readonly { readonly index: number; readonly error: MessagingError }[];

/** Nothing failed. Shared, so that success allocates nothing. */
export const NONE: Failures = Object.freeze([]);

/** The sending end of one channel on one link. */
export interface Sender {
  /** Resolves when the broker has every message that is not among the failures. At most `limits.sendBatch` messages. */
  send(batch: readonly Message[]): Promise<Failures>;
  close(): Promise<void>;
}

/** The receiving end of one subscription on one link. */
export interface Receiver {
  /** A retryable error other than CONNECTION leaves the receiver as it is: it is asked again. After any other it is closed and another opened. */
  receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]>;
  /** One verdict, many deliveries; at most `limits.settleBatch`. */
  settle(batch: readonly Delivery[], verdict: Verdict): Promise<Failures>;
  /** Present exactly when `lock` is native and can be renewed: locks the deliveries for `ms` from now and updates `lockedUntil`. */
  extend?(batch: readonly Delivery[], ms: number): Promise<Failures>;
  /** Present where the broker is a log: by partition of this receiver, messages that it has not received, as of the last fetch. */
  lag?(): Readonly<Record<string, number>>;
  /**
   * Present exactly where `replay` is native: moves the group's position in the partitions of this receiver and stores it, so that
   * whoever reads them after a crash begins there. A position that names partitions moves those only. Gives the partitions that it
   * moved. Before anything is moved the leases of all that was delivered end, so that no settlement of it can move the group again;
   * what of it is not behind the new position is delivered again, and so is what was unsettled of partitions that stay.
   * No `receive` is open while it runs. It ends within 30 s.
   *
   * Throws INVALID where there is no such position: nothing has changed, and no lease has ended. LOST: the partitions were taken away
   * meanwhile, and some of them may have been moved; the receiver goes on. After any other error nobody knows what is stored: the
   * receiver is closed, and another goes on where the group stands then.
   */
  seek?(from: From): Promise<readonly string[]>;
  /** Gives back, in delivery order, all that is unsettled. */
  close(): Promise<void>;
}

/** Whether messages can flow, not whether a socket is open. */
export interface Health {
  readonly ok: boolean;
  /** What is wrong and since when, for people. */
  readonly why: string | undefined;
  /** The link itself stands, or there is none that could be lost: connecting again would not help. Default: false. */
  readonly linkStands?: boolean;
}

/** What a login must be allowed to do for one of its roles, in the broker's own words: an IAM policy, permission patterns. */
export interface Permission {
  /** `produce` and `consume` are what runs; besides, `provision` is what `provision: create` needs, and `redrive` what `app.redrive` does. */
  readonly role: 'produce' | 'consume' | 'provision' | 'redrive';
  readonly text: string;
}

/** What an application sends. */
export interface Sending {
  /** Channels that anything is sent to, copies of the core included. */
  readonly channels: readonly Channel[];
  /** It answers requests: to the reply channels of other services' instances, `<service>.replies.<instance>`. */
  readonly replies: boolean;
}

/** What `app.redrive` does for the application's own consumers. */
export interface RedrivePaths {
  /** Dead-letter channels that are read, as queues. */
  readonly from: readonly Channel[];
  /** Channels that their messages are sent back to. */
  readonly to: readonly Channel[];
}

/** One broker, as the engine sees it. */
export interface Transport {
  /** OpenTelemetry's `messaging.system`. */
  readonly system: string;
  readonly kinds: readonly ChannelKind[];
  /** Pure: from options alone, callable before `connect`, so that the plan needs no broker. */
  capabilities(endpoint: Channel | Subscription): Capabilities;
  /** The least that has to be allowed, for the plan. Pure, like `capabilities`. Absent: the broker has no such rules. */
  permissions?(topology: Topology, sending: Sending, redrives: RedrivePaths): readonly Permission[];
  connect(): Promise<void>;
  /** `create` makes what is missing and changes nothing that exists; both report drift. */
  provision(topology: Topology, mode: 'create' | 'verify'): Promise<readonly Drift[]>;
  sender(channel: Channel): Promise<Sender>;
  receiver(subscription: Subscription): Promise<Receiver>;
  health(): Promise<Health>;
  close(): Promise<void>;
}

/** What a transport is told about the application that it serves. */
export interface Environment {
  /** The service's name, for connection names. */
  readonly service: string;
  /** Unique per running process, for temporary objects. */
  readonly instance: string;
  readonly clock: Clock;
}

/** What `use: name` stands for in a configuration, with that transport's options. */
export interface TransportDefinition {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** The named export of a transport package. Called, it gives a definition for `omnibus.config.ts`. */
export interface TransportFactory<O extends object = never> {
  (options: O): TransportDefinition;
  /** The name after `use:`. */
  readonly transport: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Called once per definition with checked options, defaults filled in. Opens nothing. */
  create(options: Readonly<Record<string, unknown>>, environment: Environment): Transport;
}

/** Makes the named export of a transport package. `R` is `O` with every default filled in. */
export function defineTransport<O extends object, R extends object = Required<O>>(spec: {
  readonly transport: string;
  readonly options: { readonly [K in keyof O]-?: OptionSpec };
  readonly create: (options: R, environment: Environment) => Transport;
}): TransportFactory<O> {
  const define = (options: O): TransportDefinition => Object.freeze({ ...options, use: spec.transport, [FACTORY]: factory });
  const factory: TransportFactory<O> = Object.assign(define, {
    transport: spec.transport,
    options: spec.options,
    create: spec.create as never,
  });
  return factory;
}

/** Where a definition made by code keeps its factory, so that nobody has to look for the package. */
const FACTORY = Symbol.for('omnibus:factory');

/** The factory that made a definition; undefined for one that was written down. */
export const factoryOf = (definition: TransportDefinition): TransportFactory | undefined =>
  (definition as { readonly [FACTORY]?: TransportFactory })[FACTORY];

/** True for a subscription, false for a channel. */
export const isSubscription = (endpoint: Channel | Subscription): endpoint is Subscription => 'channel' in endpoint;
