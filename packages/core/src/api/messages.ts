import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Codec } from '../codec/codec.js';

/** Any Standard Schema (https://standardschema.dev): zod, valibot, arktype and others. */
export type Schema = StandardSchemaV1;
type In<S extends Schema> = StandardSchemaV1.InferInput<S>;
type Out<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/** What JSON makes of a value: a Date becomes a string; a bigint, a Map or a function has no JSON form. */
type Jsonify<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends
          | bigint
          | symbol
          | ((...args: never) => unknown)
          | ReadonlyMap<unknown, unknown>
          | ReadonlySet<unknown>
          | ArrayBufferView
          | ArrayBuffer
      ? NoJson<T>
      : T extends { toJSON(): infer J }
        ? Jsonify<J>
        : T extends object
          ? { [K in keyof T]: Jsonify<T[K]> }
          : NoJson<T>;

/** Marks a part of a schema's output that JSON cannot carry. */
interface NoJson<T> {
  readonly 'has no JSON form': T;
}

/** A message is validated at both ends of the wire: what its schema returns must, as JSON, be accepted by the same schema. */
export type ReadsItsOwnOutput<S extends Schema> =
  Jsonify<Out<S>> extends In<S>
    ? unknown
    : {
        readonly 'this schema does not accept its own output after JSON: use z.coerce.date() or a schema whose transform starts from the JSON form': never;
      };

/** A kind of message: its name on the wire, what it carries, and what it is answered with. Made by `message`. */
export interface MessageType<
  N extends string = string,
  S extends Schema = Schema,
  R extends Schema | undefined = Schema | undefined,
> {
  readonly name: N;
  readonly schema: S;
  readonly reply: R;
  readonly key: ((payload: never) => string) | undefined;
  readonly codec: Codec | undefined;
}

/** What a handler gets: the schema's output. */
export type PayloadOf<M extends MessageType> = M extends MessageType<string, infer S, Schema | undefined> ? Out<S> : never;
/** What `send` takes: the schema's input. */
export type InputOf<M extends MessageType> = M extends MessageType<string, infer S, Schema | undefined> ? In<S> : never;
/** What `request` resolves to: the reply schema's output; never for a message without a reply. */
export type ReplyOf<M extends MessageType> =
  M extends MessageType<string, Schema, infer R> ? (R extends Schema ? Out<R> : never) : never;
/** What a handler of a request returns: the reply schema's input. */
export type ReplyInputOf<M extends MessageType> =
  M extends MessageType<string, Schema, infer R> ? (R extends Schema ? In<R> : never) : never;

/** What a message type may say beside its name and schema. */
export interface MessageOptions<S extends Schema, R extends Schema | undefined> {
  /** Key of a message of this type; wins over the channel's. */
  readonly key?: ((payload: Out<S>) => string) | undefined;
  /** Makes it a request: what its handler answers. Validated at both ends, as the message is. */
  readonly reply?: R | undefined;
}
/** A reply is validated at both ends as well, and is always JSON. */
interface RepliesInJson<R extends Schema | undefined> {
  readonly reply?: (R & (R extends Schema ? ReadsItsOwnOutput<R> : unknown)) | undefined;
}

/**
 * Declares a message type. Its name is its identity on the wire and across packages; its schema is run on `send` and again
 * before the handler, and what the schema returns is what travels.
 */
export function message<const N extends string, S extends Schema, R extends Schema | undefined = undefined>(
  name: N,
  schema: S & ReadsItsOwnOutput<NoInfer<S>>,
  options?: MessageOptions<S, R> & RepliesInJson<NoInfer<R>>,
): MessageType<N, S, R>;
/** With its own codec JSON's limits do not apply to the message, so its schema is not checked against them; a reply is JSON all the same. */
export function message<const N extends string, S extends Schema, R extends Schema | undefined = undefined>(
  name: N,
  schema: S,
  options: MessageOptions<S, R> & RepliesInJson<NoInfer<R>> & { readonly codec: Codec },
): MessageType<N, S, R>;
export function message(
  name: string,
  schema: Schema,
  options?: MessageOptions<Schema, Schema | undefined> & { readonly codec?: Codec },
): MessageType {
  return Object.freeze({ name, schema, reply: options?.reply, key: options?.key, codec: options?.codec });
}
