import type { Config } from '../config/schema.js';
import type { ClaimCheck } from '../runtime/claim-check.js';
import type { EndpointHealth } from '../runtime/engine.js';
import type { InterceptorFactory } from '../runtime/hooks.js';
import type { Logger } from '../runtime/logger.js';
import type { Plan } from '../runtime/plan.js';
import type { ConsumerStats } from '../runtime/stats.js';
import type { ChannelKind, From } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import type { TransportFactory } from '../transport/transport.js';
import type { Channel, ChannelOptions } from './channels.js';
import type { ConsumerBuilder, OptionsArg } from './consumer.js';
import type { ContainerLike } from './container.js';
import type { ConsumerClass } from './decorators.js';
import type { MessageType } from './messages.js';
import type { Producer } from './producer.js';

/** What `createApp` is told: the configuration, and which classes and channels the application has. */
export interface AppOptions {
  readonly config: Config;
  /** Consumers, and every other class that asks for a producer (@InjectProducer, @Publish). */
  readonly classes?: readonly ConsumerClass[] | undefined;
  /** Channels that plain code sends to by `app.producer`; needed for those that are asked for after `start`. */
  readonly producers?: readonly Channel[] | undefined;
  /**
   * Makes the objects of `classes` and holds the producers: an inversify 8 Container. Consumers that are not bound in it are bound by the
   * app, to themselves, while it lives; bind whatever else you want to get from it. Default: none, and classes take no arguments.
   */
  readonly container?: ContainerLike | undefined;
  /** Transports that are linked in (bundles, functions), so that `use: rabbitmq` needs no package at run time. */
  readonly transports?: readonly TransportFactory[] | undefined;
  readonly interceptors?: readonly InterceptorFactory[] | undefined;
  /** Lets messages be larger than their broker takes; made by `claimCheck`. Default: what is too large is refused. */
  readonly claimCheck?: ClaimCheck | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Whether messages can flow, endpoint by endpoint. */
export interface AppHealth {
  readonly ok: boolean;
  readonly endpoints: readonly EndpointHealth[];
}

/** Counters since the start; what they count is said in `ConsumerStats`. */
export interface AppStats {
  /** By consumer: `orders/shipping`, or the queue's name. */
  readonly consumers: Readonly<Record<string, ConsumerStats>>;
  /** Times that any link was lost and opened again. */
  readonly reconnects: number;
  /** Replies that came after their request had given up. */
  readonly lateReplies: number;
}

/** How dead letters are moved back. */
export interface RedriveOptions {
  /** Messages a second; default: as fast as they go. */
  readonly rate?: number | undefined;
}

/** How positions are moved. */
export interface SeekOptions {
  /** Ms that handlers which run get to end by themselves. Default: the configuration's `stopDeadlineMs`, 25 s. */
  readonly deadlineMs?: number | undefined;
}

/** A service's messaging, from configuration to shutdown. */
export interface App extends AsyncDisposable {
  /** Adds a consumer by plain functions; before `start`. */
  consumer<K extends ChannelKind, N extends string, M extends MessageType, O extends ChannelOptions>(
    channel: Channel<K, N, M, O>,
    ...options: OptionsArg<NoInfer<K>, NoInfer<M>>
  ): ConsumerBuilder<Channel<K, N, M, O>>;
  /** The sending end of a channel. Before `start` any channel; later only those that are known. */
  producer<C extends Channel>(channel: C): Producer<C>;
  /** Makes @Publish and @InjectProducer work on an object that no container made, and hands its @Handle methods to the app; before `start`. */
  attach(object: object): void;
  /** What is native, emulated and refused, and how. Needs no broker. */
  readonly plan: Plan;
  readonly stats: AppStats;
  /**
   * Connects, provisions, resolves, consumes. Touches no process signal. On failure everything is closed again.
   * @throws MessagingError DISCOVERY, CAPABILITY (all refusals in one), TOPOLOGY, DENIED, CONNECTION after `startTimeoutMs`.
   */
  start(): Promise<void>;
  /**
   * Drains and closes; idempotent. Default deadline: the configuration's `stopDeadlineMs`, 25 s. What hangs while it closes is given up,
   * and named in the log: what receives after 30 s, what sends after 15 s, a transport itself after 10 s.
   */
  stop(options?: { readonly deadlineMs?: number | undefined }): Promise<void>;
  /** start(), then drain on SIGTERM or SIGINT (a second one stops at once), then resolve. The only call that touches signals. */
  run(options?: { readonly deadlineMs?: number | undefined }): Promise<void>;
  /** Takes nothing new on this channel (and group) and starts no handler; what runs ends. Nothing is lost. */
  pause(channel: Channel, group?: string): Promise<void>;
  resume(channel: Channel, group?: string): Promise<void>;
  /**
   * Moves the dead letters of a queue, or of a group on a topic, back to where its messages wait; gives how many. Attempts start
   * anew, the header `omnibus-dead` stays as history. What dies after the call stays dead.
   * @throws MessagingError INVALID for a topic without its group, CAPABILITY where the group reads a log, CLOSED where the app does not run, or why a message could not be moved.
   */
  redrive(channel: Channel, group?: string, options?: RedriveOptions): Promise<number>;
  /**
   * Makes a group that reads a log go on from elsewhere: `first` replays all that is kept, `next` skips all that waits, a Date begins
   * at what was written from then on, a position where it says (one that names partitions moves those only). Moves the partitions
   * that this process reads, and gives them: to move the whole group, call it in every process. Where the positions are stored, a
   * crash afterwards goes on from there.
   *
   * It takes nothing new and lets what runs end. What was received and has not begun, and what has not ended by the deadline, is
   * given up: counted as `lost`, and handled again where it is not before the new position. What a consumer with an idempotency
   * store has handled is not handled again. Paused, it stays so. A handler of the group that waits for it here waits until the deadline.
   * @throws MessagingError CAPABILITY where the group reads no log; INVALID where there is no such position: nothing was moved;
   * LOST where its partitions or its link went away meanwhile: ask again, nothing or a part of it may have been moved;
   * CLOSED where the app does not run; CONNECTION or TIMEOUT where the broker did not answer: ask again.
   */
  seek(channel: Channel<'topic' | 'stream'>, group: string, from: From, options?: SeekOptions): Promise<readonly string[]>;
  /**
   * Handlers that run at one time; takes effect at once.
   * @throws MessagingError INVALID below 1 (`pause` is for that), CLOSED where the app does not run.
   */
  setConcurrency(channel: Channel, concurrency: number, group?: string): void;
  health(): Promise<AppHealth>;
}
