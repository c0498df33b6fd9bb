import type { Outcome } from '../runtime/outcome.js';
import type { Channel, MessagesOf } from './channels.js';
import type { BatchContext, Context } from './context.js';
import type { InputOf, MessageType, PayloadOf, ReplyInputOf } from './messages.js';

type MaybePromise<T> = T | Promise<T>;

/** A message with a reply must be answered (or retried, or rejected); one without must return nothing else. */
export type Answer<M extends MessageType> = [ReplyInputOf<M>] extends [never]
  ? MaybePromise<void | Outcome>
  : MaybePromise<ReplyInputOf<M> | Outcome>;
/** Nothing: all are done. A thrown error: all are retried. An array: each its own. */
export type BatchAnswer = MaybePromise<void | Outcome | readonly (Outcome | undefined)[]>;
/** Handles one message. Returning nothing means done, throwing means retry by the policy. */
export type Handler<M extends MessageType> = (payload: PayloadOf<M>, context: Context<M>) => Answer<M>;
/** Handles several messages of one type in one call. */
export type BatchHandler<M extends MessageType> = (payloads: readonly PayloadOf<M>[], context: BatchContext<M>) => BatchAnswer;

type Comparable = { readonly gt?: number; readonly gte?: number; readonly lt?: number; readonly lte?: number };
type OneOf<T> = [T] extends [never] ? never : T | readonly T[];
/** What a field of type `T` can be tested with: equality, membership, and bounds (numbers) or a prefix (strings). */
type Test<T> =
  | OneOf<Extract<T, string | number>>
  | Extract<T, boolean>
  | (T extends number ? Comparable : T extends string ? { readonly prefix: string } : never);

/** Only these messages, by top-level fields of the payload; the others are acknowledged and counted as skipped. */
export type Where<M extends MessageType> = {
  readonly [K in keyof PayloadOf<M> as [Test<PayloadOf<M>[K]>] extends [never] ? never : K]?: Test<PayloadOf<M>[K]> | undefined;
};

/** Where a handler's return value goes. */
export interface Route<M extends MessageType> {
  readonly channel: Channel;
  readonly message: M;
}
/** `publish: to(Parcels, ParcelBooked)`: what the handler returns is sent there before the message is acknowledged. */
export const to = <C extends Channel, M extends MessagesOf<C>>(channel: C, message: M): Route<M> => ({ channel, message });

interface CommonHandleOptions<M extends MessageType> {
  readonly where?: Where<M> | undefined;
  /** After this long the attempt has failed and `context.signal` aborts. Default: the consumer's `handlerTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
}
/** A handler of single messages. */
export interface HandleOptions<M extends MessageType> extends CommonHandleOptions<M> {
  readonly batch?: undefined;
  readonly publish?: undefined;
}
/** A handler whose result is sent on. */
export interface PublishingOptions<M extends MessageType, R extends MessageType> extends CommonHandleOptions<M> {
  readonly batch?: undefined;
  readonly publish: Route<R>;
}
/** A handler of several messages at one time. */
export interface BatchOptions<M extends MessageType> extends CommonHandleOptions<M> {
  /** Most messages in one call. */
  readonly batch: number;
  readonly publish?: undefined;
  /** How long the first message of a batch waits for company, in ms. Default 0: what has arrived goes. */
  readonly waitMs?: number | undefined;
}
/** A message without a reply: only those can be handled in batches or have their result published. */
export type NoReply<M extends MessageType> = M & { readonly reply: undefined };
/** Handles one message and returns what is sent on; an outcome sends nothing. */
export type PublishingHandler<M extends MessageType, R extends MessageType> = (
  payload: PayloadOf<M>,
  context: Context<M>,
) => MaybePromise<InputOf<R> | Outcome>;
