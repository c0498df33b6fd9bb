import type { IdempotencyStore } from '../emulate/idempotency-store.js';
import type { RetryPolicy } from '../runtime/retry-policy.js';
import type { ChannelKind, From } from '../transport/channel.js';
import type { Channel, MessagesOf } from './channels.js';
import type {
  BatchHandler,
  BatchOptions,
  HandleOptions,
  Handler,
  NoReply,
  PublishingHandler,
  PublishingOptions,
} from './handlers.js';
import type { MessageType } from './messages.js';

/** How one consumer works, on a channel of any kind. */
export interface CommonConsumerOptions {
  /** Handlers that run at one time. Default 16. */
  readonly concurrency?: number | undefined;
  /** Messages held unsettled at one time, running or waiting. Default 4 x concurrency. */
  readonly window?: number | undefined;
  /** Default `exponential()`: 5 attempts, 1 s doubling to 30 s, full jitter. */
  readonly retry?: RetryPolicy | undefined;
  /** Name of the dead-letter channel. Default `<channel>.<group>.dead`. */
  readonly deadLetter?: string | undefined;
  /**
   * Handles each id once, as far back as the store remembers: what it knows is acknowledged and counted as `duplicates`. The id is
   * recorded after the handler succeeded and before the ack; only a store in the handler's own transaction closes the gap between.
   * Every group of a topic gets the same ids: each needs a store, or keys, of its own.
   */
  readonly idempotency?: { readonly store: IdempotencyStore } | undefined;
  /** Default: none. */
  readonly handlerTimeoutMs?: number | undefined;
  /** `singleton` (default): resolved once at startup. `message`: resolved for each message, in a request scope of its own. */
  readonly scope?: 'singleton' | 'message' | undefined;
  /** A promise that no other process consumes this channel and group; what order by one process needs. Default false. */
  readonly exclusive?: boolean | undefined;
}
/** A queue has no groups: all of its consumers share its messages. `M`: the message types that it carries. */
export interface QueueConsumerOptions<M extends MessageType = MessageType> extends CommonConsumerOptions {
  readonly group?: never;
  readonly from?: never;
  /** Types that this consumer knowingly does not handle: they are acknowledged and counted as skipped. Default: every type is handled. */
  readonly ignore?: readonly M[] | undefined;
}
/** Types that a group on a topic does not handle are not for it, so there is nothing to ignore. */
export interface TopicConsumerOptions extends CommonConsumerOptions {
  readonly group: string | PerInstance;
  readonly from?: never;
  readonly ignore?: never;
}
/** As on a topic, and where to begin. */
export interface StreamConsumerOptions extends CommonConsumerOptions {
  readonly group: string | PerInstance;
  /** Where a new group begins; a group that has committed goes on from there. */
  readonly from: From;
  readonly ignore?: never;
}

declare const perInstanceBrand: unique symbol;
/** The type of `perInstance`. */
export interface PerInstance {
  readonly [perInstanceBrand]: true;
}
/** As a group: every running instance gets every message; its subscription ends with it. */
export const perInstance: PerInstance = Symbol.for('omnibus:per-instance') as never;

interface OptionsByKind<M extends MessageType> {
  readonly queue: QueueConsumerOptions<M>;
  readonly topic: TopicConsumerOptions;
  readonly stream: StreamConsumerOptions;
}
/** The options of a consumer of a channel of kind `K` that carries `M`. */
export type ConsumerOptions<K extends ChannelKind, M extends MessageType = MessageType> = OptionsByKind<M>[K];
/** The options as an argument: a queue needs none, a topic or stream needs its group. */
export type OptionsArg<K extends ChannelKind, M extends MessageType = MessageType> = K extends 'queue'
  ? [options?: QueueConsumerOptions<M>]
  : [options: ConsumerOptions<K, M>];

/** The plain-function form of a consumer class. */
export interface ConsumerBuilder<C extends Channel> {
  handle<M extends MessagesOf<C>>(message: M, handler: Handler<M>): this;
  handle<M extends MessagesOf<C>>(message: M, options: HandleOptions<M>, handler: Handler<M>): this;
  handle<M extends MessagesOf<C>>(message: NoReply<M>, options: BatchOptions<M>, handler: BatchHandler<M>): this;
  handle<M extends MessagesOf<C>, R extends MessageType>(
    message: NoReply<M>,
    options: PublishingOptions<M, R>,
    handler: PublishingHandler<M, R>,
  ): this;
}
