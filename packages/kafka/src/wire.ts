import { attributeText, type Delivery, fromBinary, type Message, toBinary } from '@omnibus/core/transport';

/*
 * A Message as a Kafka record: its key is the record's key, its body the value, all else headers, named as the Kafka binding of
 * CloudEvents 1.0 has them (section 3.2.3): `ce_id`, `ce_type`, `content-type`; what is `ce-x` elsewhere is `ce_x` here. The
 * record's own timestamp is when it was sent, which is what positions by time go by.
 */

/** A record as it is sent. */
export interface Outgoing {
  readonly key: Buffer | null;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
}

/** A record as it was read. */
export interface Incoming {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Ms since 1970, as text. */
  readonly timestamp: string;
  readonly offset: string;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>> | undefined;
}

/** Names that a header may have as they are: what a plain object can hold, and nothing that would be read as another name. */
export const HEADER_NAME = /^(?!__proto__$|ce_)[^\p{Cs}]+$/u;

/** On a message whose value is null. */
const NULL = 'omnibus-null';
const KEY = 'ce-partitionkey';
const TIME = 'ce-time';
const BASE64 = 'base64:';

/** A message as a record. */
export function toRecord(message: Message): Outgoing {
  const { key, body } = message;
  const headers: Record<string, string> = {};
  const attributes = toBinary(message);
  for (const name of Object.keys(attributes)) {
    if (name !== KEY && name !== NULL) headers[toKafka(name)] = attributes[name]!;
  }
  const isTombstone = body.length === 0 && message.headers[NULL] !== undefined;
  return { key: key === undefined ? null : keyBytes(key), value: isTombstone ? null : bytesOf(body), headers };
}

/** About what a record takes on the wire, in bytes. */
export function sizeOf({ key, value, headers }: Outgoing): number {
  let size = 64 + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name of Object.keys(headers)) size += 8 + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!);
  return size;
}

/** What a delivery gets from its receiver. */
export interface Hold {
  readonly partition: number;
  readonly lease: AbortSignal;
  readonly receipt: unknown;
}

/** A record of anybody's as a delivery. Never throws. */
export function toDelivery(record: Incoming, { partition, lease, receipt }: Hold): Delivery {
  const { key, value, headers = {} } = record;
  const attributes: Record<string, unknown> = {};
  for (const name of Object.keys(headers)) {
    const given = headers[name];
    attributes[fromKafka(name)] = Array.isArray(given) ? given.at(-1) : given; // of a name that stands there twice, the last holds
  }
  if (value === null) attributes[NULL] = 'true';
  const message = fromBinary(attributes, value ?? EMPTY);
  return {
    ...message,
    time: attributes[TIME] === undefined ? stamp(record.timestamp) : message.time,
    key: key === null ? undefined : attributeText(key),
    deliveries: 0,
    partition: String(partition),
    position: `${partition}:${record.offset}`,
    lockedUntil: Number.POSITIVE_INFINITY,
    lease,
    receipt,
    native: record,
  };
}

const EMPTY = new Uint8Array(0);

/** The names that most messages have: looked up, as joining them anew for each is a fifth of the work. */
const USUAL = ['specversion', 'id', 'type', 'source', 'time', 'correlationid', 'causationid'];
const TO_KAFKA = new Map(USUAL.map((name) => [`ce-${name}`, `ce_${name}`]));
const FROM_KAFKA = new Map(USUAL.map((name) => [`ce_${name}`, `ce-${name}`]));

const toKafka = (name: string): string => TO_KAFKA.get(name) ?? (name.startsWith('ce-') ? `ce_${name.slice(3)}` : name);
const fromKafka = (name: string): string => FROM_KAFKA.get(name) ?? (name.startsWith('ce_') ? `ce-${name.slice(3)}` : name);

/** The bytes of a key. Those that were no UTF-8 text, and are shown as `base64:`, are the same again. */
function keyBytes(key: string): Buffer {
  if (key.startsWith(BASE64)) {
    const bytes = Buffer.from(key.slice(BASE64.length), 'base64');
    if (attributeText(bytes) === key) return bytes;
  }
  return Buffer.from(key);
}

/** The same memory. */
const bytesOf = (body: Uint8Array): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** The record's own timestamp; -1 and what is no number are unknown. */
const stamp = (text: string): number => Math.max(0, Number(text) || 0);
