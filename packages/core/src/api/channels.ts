import type { ChannelKind } from '../transport/channel.js';
import type { MessageType, PayloadOf } from './messages.js';

/** Facts that both ends must agree on. They sit on the channel, never on one end. */
export interface ChannelOptions {
  /** Messages with one key are handled one after another, in the order sent; every message needs a key. Default false. */
  readonly ordered?: boolean | undefined;
  /** Largest `delayMs` that a send may ask for. Absent: `send` takes no `delayMs`. */
  readonly maxDelayMs?: number | undefined;
  /** Largest `ttlMs` that a send may ask for. Absent: `send` takes no `ttlMs`. */
  readonly maxTtlMs?: number | undefined;
  /** Number of priority levels, 2 to 10. Absent: `send` takes no `priority`. */
  readonly priorities?: number | undefined;
}

/** A named way that messages take, shared by both ends. Made by `queue`, `topic` or `stream`. */
export interface Channel<
  K extends ChannelKind = ChannelKind,
  N extends string = string,
  M extends MessageType = MessageType,
  O extends ChannelOptions = ChannelOptions,
> {
  readonly kind: K;
  readonly name: N;
  readonly messages: readonly M[];
  readonly key: ((payload: never) => string) | undefined;
  readonly options: O;
}

/** The message types that a channel carries. */
export type MessagesOf<C extends Channel> = C['messages'][number];

/** What a channel carries; its ChannelOptions stand beside it. */
export interface ChannelSpec<M extends MessageType> {
  readonly messages: readonly M[];
  /** Key of a message that has no key of its own. */
  readonly key?: ((payload: PayloadOf<M>) => string) | undefined;
}

type Declares<O> = { readonly [X in keyof O & keyof ChannelOptions]: O[X] };
type NothingElse<O> = { readonly [X in Exclude<keyof O, keyof ChannelSpec<MessageType> | keyof ChannelOptions>]: never };
type Make<K extends ChannelKind> = <const N extends string, M extends MessageType, const O extends ChannelOptions>(
  name: N,
  spec: ChannelSpec<M> & O & NothingElse<NoInfer<O>>,
) => Channel<K, N, M, Declares<O>>;

const make =
  <K extends ChannelKind>(kind: K): Make<K> =>
  (name, { messages, key, ...options }) => {
    const twice = messages.find((message, index) => messages.findIndex((other) => other.name === message.name) !== index);
    if (twice !== undefined)
      throw new TypeError(
        `${kind} "${name}" lists "${twice.name}" twice: the name of a message is all that tells types apart on the wire`,
      );
    return Object.freeze({
      kind,
      name,
      messages: Object.freeze([...messages]),
      key,
      options: Object.freeze(options),
    }) as never;
  };

/**
 * Each message goes to one consumer.
 * @throws TypeError where two of its messages have one name.
 */
export const queue: Make<'queue'> = make('queue');
/** Each group gets every message; the members of a group share them. */
export const topic: Make<'topic'> = make('topic');
/** A log with positions: each group reads it from where it wants, again if it wants. */
export const stream: Make<'stream'> = make('stream');
