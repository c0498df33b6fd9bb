import type { Channel, ChannelOptions, MessagesOf } from './channels.js';
import type { Context } from './context.js';
import type { InputOf, MessageType, ReplyOf, Schema } from './messages.js';

/** What a send on any channel may say. */
export interface SendOptionsBase {
  /** Default: a UUID v7. Give your own to make a repeated send recognisable. */
  readonly id?: string | undefined;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Gives the send up; whether the broker has the message may then be unknown. */
  readonly signal?: AbortSignal | undefined;
  /** Whose correlation this send continues. Default: the message being handled. Needed in batches. */
  readonly causedBy?: Context | undefined;
}
type Declared<O, K extends keyof ChannelOptions, P> = O extends { readonly [X in K]: number } ? P : unknown;
/** What a send may say: `delayMs`, `ttlMs` and `priority` only where the channel declares their maximum. */
export type SendOptions<C extends Channel> = SendOptionsBase &
  Declared<C['options'], 'maxDelayMs', { readonly delayMs?: number | undefined }> &
  Declared<C['options'], 'maxTtlMs', { readonly ttlMs?: number | undefined }> &
  Declared<C['options'], 'priorities', { readonly priority?: number | undefined }>;

/** The broker has the message. */
export interface Sent {
  readonly id: string;
}
/** What became of one payload of `sendAll`. */
export type SendResult = Sent | { readonly id: string; readonly error: Error };
/** The messages of a queue that declare a `reply`. */
export type RequestsOf<C extends Channel> = C extends { readonly kind: 'queue' }
  ? Extract<MessagesOf<C>, MessageType<string, Schema, Schema>>
  : never;
/** What a request must and may say. */
export interface RequestOptions {
  /** How long the answer may take. The request itself expires on the queue after it too. */
  readonly timeoutMs: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The sending end of a channel. */
export interface Producer<C extends Channel> {
  readonly channel: C;
  /**
   * Validates and sends one message; resolves when the broker has it.
   * @throws MessagingError INVALID (schema, options, reserved headers), TOO_LARGE, NO_ROUTE (the channel is missing; with `provision: create`
   * it is made again, and the send waits for it), TIMEOUT (after `sendTimeoutMs`, with its outcome), CLOSED (the app does not run).
   */
  send<M extends MessagesOf<C>>(message: M, payload: InputOf<M>, options?: SendOptions<C>): Promise<Sent>;
  /** One result a payload, in order; a failed one carries its error, the others are sent. Never rejects for one of them. */
  sendAll<M extends MessagesOf<C>>(
    message: M,
    payloads: Iterable<InputOf<M>>,
    options?: Omit<SendOptions<C>, 'id' | 'key'>,
  ): Promise<readonly SendResult[]>;
  /**
   * Sends a request and resolves to its validated reply. Queue channels only, and only messages that declare a `reply`.
   * @throws MessagingError TIMEOUT (no reply in time), REMOTE (the handler failed: its error's name and message), and what `send` throws.
   */
  request<M extends RequestsOf<C>>(message: M, payload: InputOf<M>, options: RequestOptions): Promise<ReplyOf<M>>;
}
