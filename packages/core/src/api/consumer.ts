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

export interface CommonConsumerOptions {
  /** Handlers that run at one time. Default 16. */
  readonly concurrency?: number | undefined;
  /** Messages held unsettled at one time, running or waiting. Default 4 x concurrency. */
  readonly window?: number | undefined;
  /** Default `exponential()`: 5 attempts, 1 s doubling to 30 s, full jitter. */
  readonly retry?: RetryPolicy | undefined;
  /** Name of the dead-letter channel. Default `<channel>.<group>.dead`. */
  readonly deadLetter?: string | undefined;
  /** Default: none. */
  readonly handlerTimeoutMs?: number | undefined;
  /** `singleton` (default): resolved once at startup. `message`: resolved for each message, in a request scope of its own. */
  readonly scope?: 'singleton' | 'message' | undefined;
  /** Message types of a queue that this consumer knowingly does not handle: they are acknowledged and counted as skipped. */
  readonly ignore?: readonly MessageType[] | undefined;
  /** A promise that no other process consumes this channel and group; what order by one process needs. Default false. */
  readonly exclusive?: boolean | undefined;
}
export interface QueueConsumerOptions extends CommonConsumerOptions {
  readonly group?: never;
  readonly from?: never;
}
export interface TopicConsumerOptions extends CommonConsumerOptions {
  readonly group: string | PerInstance;
  readonly from?: never;
}
export interface StreamConsumerOptions extends CommonConsumerOptions {
  readonly group: string | PerInstance;
  /** Where a new group begins; a group that has committed goes on from there. */
  readonly from: From;
}

declare const perInstanceBrand: unique symbol;
export interface PerInstance {
  readonly [perInstanceBrand]: true;
}
/** As a group: every running instance gets every message; its subscription ends with it. */
export const perInstance: PerInstance = Symbol.for('omnibus:per-instance') as never;

export type ConsumerOptions<K extends ChannelKind> = {
  queue: QueueConsumerOptions;
  topic: TopicConsumerOptions;
  stream: StreamConsumerOptions;
}[K];
export type OptionsArg<K extends ChannelKind> = K extends 'queue'
  ? [options?: QueueConsumerOptions]
  : [options: ConsumerOptions<K>];

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
