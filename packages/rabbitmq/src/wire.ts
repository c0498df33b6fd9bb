import {
  attributeText,
  type Burial,
  buriedByBroker,
  type Delivery,
  type Headers,
  type Message,
  type MessagingError,
} from '@omnibus/core/transport';
import type { Publish, RabbitMqMessage } from './client.js';
import { rabbitMqError } from './errors.js';

/*
 * Where each field of a Message stands in AMQP 0-9-1 (section 1.8.1, basic properties): id, type, contentType, correlationId,
 * replyTo and priority are properties; time, key and expiresAt are the headers `ce-time`, `ce-partitionkey` and `ce-expirytime`
 * of CloudEvents; message headers are headers. What is empty or unknown (id '', time 0, priority 0, …) is not written.
 */

/** Headers that mean something to the broker (`CC` and `BCC` route), or that amqplib cannot read back. */
const REFUSED: ReadonlySet<string> = new Set(['CC', 'BCC', '__proto__']);

/** Headers that the broker writes itself: not the sender's, and a copy that carried them would be taken for a dead-letter cycle. */
const BROKERS = /^x-(?:death|(?:first|last)-death-(?:exchange|queue|reason)|delivery-count|acquired-count)$/;

/** Names that a header may have: up to 255 bytes of UTF-8, and none of those above. */
export const HEADER_NAME = new RegExp(
  String.raw`^(?!(?:CC|BCC|__proto__)$)(?!${BROKERS.source.slice(1)})(?:[\x01-\x7f]{1,255}|[^\0\p{Cs}]{1,63})$`,
  'su',
);

const LAST_PRIORITY = 255;

/** A message as a publish. Throws INVALID for what AMQP cannot carry as it is; amqplib checks the lengths. */
export function toPublish(message: Message, mandatory: boolean): Publish {
  const { id, type, contentType, priority } = message;
  return {
    mandatory,
    deliveryMode: 2,
    contentType: contentType === '' ? undefined : contentType,
    messageId: id === '' ? undefined : id,
    type: type === '' ? undefined : type,
    correlationId: message.correlationId,
    replyTo: message.replyTo,
    priority: priority === 0 ? undefined : level(priority),
    headers: toHeaders(message),
  };
}

function toHeaders({ headers, time, key, expiresAt }: Message): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (REFUSED.has(name) || BROKERS.test(name)) throw invalid(`the header '${name}' belongs to the broker`);
    result[name] = headers[name]!;
  }
  if (time !== 0) result['ce-time'] = timeText(time, 'time');
  if (key !== undefined) result['ce-partitionkey'] = key;
  if (expiresAt !== Number.POSITIVE_INFINITY) result['ce-expirytime'] = timeText(expiresAt, 'expiresAt');
  return result;
}

function level(priority: number): number {
  if (Number.isInteger(priority) && priority > 0 && priority <= LAST_PRIORITY) return priority;
  throw invalid(`the priority ${priority} is not a whole number from 0 to ${LAST_PRIORITY}`);
}

const LAST_DATE = 8.64e15; // ECMAScript, Time Values

function timeText(ms: number, field: string): string {
  if (Math.abs(ms) <= LAST_DATE) return new Date(ms).toISOString();
  throw invalid(`${field} is ${ms}, which is no time`);
}

const invalid = (why: string): MessagingError => rabbitMqError('INVALID', why);

/** The bytes as amqplib takes them; the same memory. */
export const toContent = (body: Uint8Array): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** What a delivery gets from its receiver. */
export interface Hold {
  readonly lockedUntil: number;
  readonly lease: AbortSignal;
}

/** A message of anybody's as a delivery. Never throws: amqplib would close the channel. */
export function toDelivery(raw: RabbitMqMessage, { lockedUntil, lease }: Hold): Delivery {
  const { properties, fields } = raw;
  const given = (properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const headers = fromHeaders(given);
  const burial = given['x-death'] === undefined ? undefined : burialOf(given['x-death']);
  return {
    id: textOr(properties.messageId, ''),
    type: textOr(properties.type, ''),
    time: toMillis(given['ce-time']) ?? stampMillis(properties.timestamp),
    contentType: textOr(properties.contentType, ''),
    body: raw.content,
    headers: burial === undefined ? headers : buriedByBroker(headers, burial),
    key: valueText(given['ce-partitionkey']),
    correlationId: textOr(properties.correlationId, undefined),
    replyTo: textOr(properties.replyTo, undefined),
    delayMs: 0,
    expiresAt: toMillis(given['ce-expirytime']) ?? Number.POSITIVE_INFINITY,
    priority: typeof properties.priority === 'number' ? properties.priority : 0,
    deliveries: deliveriesOf(given['x-delivery-count'], fields.redelivered),
    partition: undefined,
    position: undefined,
    lockedUntil,
    lease,
    receipt: raw,
    native: raw,
  };
}

/** How it was buried last (RabbitMQ, "Dead Letter Exchanges", `x-death`: the newest is first). What only waited for its time has expired. */
function burialOf(deaths: unknown): Burial | undefined {
  const [last] = (Array.isArray(deaths) ? deaths : []) as unknown[];
  if (typeof last !== 'object' || last === null) return undefined;
  const { reason, queue, time } = last as Readonly<Record<string, unknown>>;
  if (typeof reason !== 'string' || typeof queue !== 'string' || reason === 'expired') return undefined;
  return { why: reason, from: queue, at: toMillis(time) ?? 0 };
}

/** Quorum queues count their redeliveries; classic ones only say that there was one. */
const deliveriesOf = (redeliveries: unknown, redelivered: boolean): number =>
  typeof redeliveries === 'number' ? 1 + redeliveries : redelivered ? 2 : 1;

function fromHeaders(given: Readonly<Record<string, unknown>>): Headers {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(given)) {
    if (name === 'ce-time' || name === 'ce-partitionkey' || name === 'ce-expirytime' || BROKERS.test(name)) continue;
    const value = valueText(given[name]);
    if (value === undefined) continue;
    if (name === '__proto__')
      Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
    else headers[name] = value;
  }
  return headers;
}

function textOr<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise;
}

/** amqplib wraps what JavaScript has no type for: `{ '!': 'timestamp', value: seconds }`, `{ '!': 'decimal', value: … }`. */
interface Wrapped {
  readonly '!': unknown;
  readonly value: unknown;
}

function valueText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return attributeText(isWrapped(value) ? unwrap(value) : value);
}

const isWrapped = (value: unknown): value is Wrapped =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, '!') && Object.hasOwn(value, 'value');

function unwrap({ '!': type, value }: Wrapped): unknown {
  if (type === 'timestamp' && typeof value === 'number') return new Date(value * 1_000);
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return value;
  const { digits, places } = value as { readonly digits?: unknown; readonly places?: unknown };
  if (typeof digits !== 'number' || typeof places !== 'number' || places === 0) return digits;
  const text = String(digits).padStart(places + 1, '0');
  return `${text.slice(0, -places)}.${text.slice(-places)}`;
}

const TIME = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** Ms since 1970 of an RFC 3339 time; undefined for anything else. */
function toMillis(value: unknown): number | undefined {
  const text = valueText(value);
  if (text === undefined || !TIME.test(text)) return undefined;
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) ? undefined : ms;
}

const MILLISECONDS_FROM = 1e11; // as seconds that is the year 5138

/** The `timestamp` property, which is in seconds; some clients write ms. 0 = unknown. */
function stampMillis(stamp: unknown): number {
  if (typeof stamp !== 'number') return 0;
  return stamp < MILLISECONDS_FROM ? stamp * 1_000 : stamp;
}
