import { jsonCodec } from '../codec/json.js';
import { isReserved } from '../runtime/context.js';
import type { Outgoing } from '../runtime/outgoing.js';
import type { Replies } from '../runtime/replies.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Channel } from './channels.js';
import { codecOf, validate } from './coding.js';
import type { Context } from './context.js';
import type { MessageType } from './messages.js';
import type { Producer, RequestOptions, SendResult, Sent } from './producer.js';

/** What a producer needs of the running app. */
export interface SendingRoom {
  /** Undefined while the app does not run. */
  outgoing(channel: Channel): Outgoing | undefined;
  replies(): Replies | undefined;
  replyAddress(channel: Channel): string | undefined;
  readonly newId: () => string;
}

interface AnySendOptions {
  readonly id?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly causedBy?: Context;
  readonly delayMs?: number;
  readonly ttlMs?: number;
  readonly priority?: number;
}

/** Makes the producer of one channel; it works while the app runs. */
export function producer<C extends Channel>(channel: C, room: SendingRoom): Producer<C> {
  const known = new Map(channel.messages.map((message) => [message.name, message]));
  const closed = (): MessagingError =>
    new MessagingError(
      'CLOSED',
      `channel "${channel.name}": the app does not run, so nothing can be sent; call app.start() first, and send before app.stop()`,
    );
  const typeOf = ({ name }: MessageType): MessageType => {
    const message = known.get(name);
    if (message !== undefined) return message;
    throw new MessagingError(
      'INVALID',
      `channel "${channel.name}" does not carry "${name}": it carries ${[...known.keys()].map((each) => `"${each}"`).join(', ')}`,
    );
  };
  const put = (message: MessageType, value: unknown, options: AnySendOptions, replyTo?: string): Promise<Sent> => {
    const outgoing = room.outgoing(channel);
    if (outgoing === undefined) return Promise.reject(closed());
    const codec = codecOf(message);
    const id = options.id ?? room.newId();
    const key = options.key ?? keyOf(channel, message, value);
    const draft = {
      id,
      type: message.name,
      contentType: codec.contentType,
      body: codec.encode(value),
      key,
      headers: options.headers,
      delayMs: options.delayMs === undefined ? undefined : Math.max(0, options.delayMs),
      ttlMs: options.ttlMs,
      priority: options.priority,
      replyTo,
      cause: options.causedBy,
    };
    return outgoing.send(draft, options.signal).then(() => ({ id }));
  };
  const send = (type: MessageType, payload: unknown, options: AnySendOptions = {}, replyTo?: string): Promise<Sent> => {
    try {
      const message = typeOf(type);
      if (options.headers !== undefined) checkHeaders(channel, options.headers);
      if (replyTo === undefined) checkOptions(channel, options);
      const value = validate(message.schema, payload, `"${message.name}" to channel "${channel.name}"`);
      return value instanceof Promise
        ? value.then((output) => put(message, output, options, replyTo))
        : put(message, value, options, replyTo);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(textOf(error)));
    }
  };
  const sendAll = (
    type: MessageType,
    payloads: Iterable<unknown>,
    options: AnySendOptions = {},
  ): Promise<readonly SendResult[]> =>
    Promise.all(
      Array.from(payloads, (payload): Promise<SendResult> => {
        const id = room.newId();
        return send(type, payload, { ...options, id }).catch((error: unknown) => ({ id, error: error as Error }));
      }),
    );
  const request = async (type: MessageType, payload: unknown, options: RequestOptions): Promise<unknown> => {
    const message = typeOf(type);
    if (message.reply === undefined)
      throw new MessagingError('INVALID', `"${message.name}" declares no reply, so it cannot be requested`);
    const replies = room.replies();
    const address = room.replyAddress(channel);
    if (replies === undefined || address === undefined) throw closed();
    const id = room.newId();
    const what = `request "${message.name}" on channel "${channel.name}"`;
    const { reply, cancel } = replies.expect(id, what, options.timeoutMs, options.signal);
    reply.catch(() => {}); // its rejection is the caller's below; without a caller yet it must not count as unhandled
    try {
      await send(
        message,
        payload,
        {
          id,
          headers: options.headers ?? {},
          ttlMs: options.timeoutMs,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        },
        address,
      );
    } catch (error) {
      cancel();
      throw error;
    }
    return validate(message.reply, jsonCodec.decode(await reply), `reply to ${what}`);
  };
  return Object.freeze({ channel, send, sendAll, request }) as unknown as Producer<C>;
}

function keyOf(channel: Channel, message: MessageType, value: unknown): string | undefined {
  const by = message.key ?? channel.key;
  const key = by?.(value as never);
  if (key === undefined && channel.options.ordered === true)
    throw new MessagingError(
      'INVALID',
      `"${message.name}" to channel "${channel.name}" has no key, and the channel is ordered: give the channel a key, or send one`,
    );
  return key;
}

/** Names of the envelope would change what the receiver believes of the message, or be dropped on the way. */
function checkHeaders(channel: Channel, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string')
      throw new MessagingError(
        'INVALID',
        `header "${name}" to channel "${channel.name}" is of type ${typeof value}: headers are text`,
      );
    if (isReserved(name))
      throw new MessagingError(
        'INVALID',
        `header "${name}" to channel "${channel.name}": names that start with "ce-" or "omnibus-", and "content-type", belong to the envelope; choose another`,
      );
  }
}

/** Nothing is clamped: what the channel did not declare, or declared less of, is INVALID. */
function checkOptions(channel: Channel, { delayMs, ttlMs, priority }: AnySendOptions): void {
  const { maxDelayMs, maxTtlMs, priorities } = channel.options;
  checkOption(channel, 'delayMs', delayMs, maxDelayMs, 'maxDelayMs');
  checkOption(channel, 'ttlMs', ttlMs, maxTtlMs, 'maxTtlMs');
  checkOption(channel, 'priority', priority, priorities === undefined ? undefined : priorities - 1, 'priorities');
}

function checkOption(channel: Channel, name: string, value: number | undefined, most: number | undefined, option: string): void {
  if (value === undefined) return;
  if (most === undefined)
    throw new MessagingError('INVALID', `channel "${channel.name}" declares no ${option}, so a send cannot ask for ${name}`);
  // a delay that is past already is immediate
  if (!(value <= most) || (name !== 'delayMs' && value < 0))
    throw new MessagingError('INVALID', `${name} ${value} on channel "${channel.name}": its ${option} allows 0 to ${most}`);
}
