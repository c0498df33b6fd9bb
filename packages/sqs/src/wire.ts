import { buriedByBroker, type Delivery, fromBinary, type Message, toBinary } from '@omnibus/core/transport';
import { BACKSTOP_RECEIVES } from './attributes.js';
import { type BodyForm, fromText, isText, toText } from './body.js';
import type { AttributeValue, SendEntry, SqsMessage } from './client.js';
import { sqsError } from './errors.js';

/*
 * Where each field of a Message stands on SQS, and on SNS with raw delivery: the body is the bare payload; the type is the attribute
 * `ce-type`, so that others may filter by it; headers are attributes of their own; all other fields of CloudEvents stand in one
 * attribute `omnibus-envelope`, as JSON by their names in binary mode (`ce-id`, `ce-time`, `content-type`, …). That is two of the ten
 * attributes that a message may have; what is over is packed by the core.
 */

/** Message attributes of SQS and SNS, by name. */
export type Attributes = Record<string, AttributeValue>;

const ENVELOPE = 'omnibus-envelope';
const TYPE = 'ce-type';
/** In the envelope: how the body is written, where it is not as it is. */
const BODY = 'omnibus-body';

/** The header that a trace of X-Ray has; SQS keeps it beside the attributes. */
export const TRACE_HEADER = 'x-amzn-trace-id';
const TRACE = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[\w-]+=[\w.:-]*)*;?$/i;

/** Most attributes of a message. */
const MOST = 10;
/** Headers that fit beside the type and the envelope. */
export const HEADER_COUNT = MOST - 2;

/** Names of attributes (SQS developer guide, "Message attribute components"), without the envelope's own. */
export const HEADER_NAME =
  /^(?!(?:aws|amazon)\.)(?!omnibus-envelope$|__proto__$)(?!.*\.\.)[A-Za-z0-9_-](?:[A-Za-z0-9_.-]{0,254}[A-Za-z0-9_-])?$/i;

/** Headers by which the Extended Clients know a pointer: they look for a number. */
const NUMBERS: ReadonlySet<string> = new Set(['ExtendedPayloadSize', 'SQSLargePayloadSize']);

const STRING_BYTES = 'String'.length;

/** A message in the form that SQS and SNS take. */
export interface WireMessage {
  readonly body: string;
  readonly attributes: Attributes;
  /** The X-Ray trace header, where the message has one. */
  readonly trace: string | undefined;
  /** What counts against the broker's limit: body, names, types and values. */
  readonly bytes: number;
  readonly form: BodyForm;
}

/** The message as SQS and SNS take it. Throws INVALID for headers that these cannot carry. */
export function toWire(message: Message): WireMessage {
  const { text, form } = toText(message.body);
  const flat = toBinary(message);
  const envelope: Record<string, string> = form === 'text' ? {} : { [BODY]: form };
  const attributes: Attributes = {};
  let bytes = Buffer.byteLength(text);
  let count = 0;
  const add = (name: string, value: string): void => {
    const DataType = NUMBERS.has(name) && /^\d{1,38}$/.test(value) ? 'Number' : 'String';
    attributes[name] = { DataType, StringValue: value };
    bytes += name.length + STRING_BYTES + Buffer.byteLength(value);
    count++;
  };
  let trace: string | undefined;
  for (const name of Object.keys(flat)) {
    const value = flat[name]!;
    if (name === TYPE && isText(value)) add(name, value);
    else if (FIELDS.has(name)) envelope[name] = value;
    else if (name === TRACE_HEADER && TRACE.test(value)) trace = value;
    else add(checkedName(name, value), value);
  }
  add(ENVELOPE, json(envelope));
  if (count > MOST)
    throw sqsError(
      'INVALID',
      `the message has ${count - 2} headers, and ${HEADER_COUNT} fit into the ${MOST} attributes of a message: send fewer, or one that holds the others`,
    );
  return { body: text, attributes, trace, bytes, form };
}

/** Attributes that are fields of a Message: a header of such a name never is one. */
const FIELDS: ReadonlySet<string> = new Set([
  'ce-specversion',
  'ce-id',
  'ce-type',
  'ce-time',
  'ce-partitionkey',
  'ce-correlationid',
  'ce-replyto',
  'ce-expirytime',
  'ce-priority',
  'content-type',
]);

function checkedName(name: string, value: string): string {
  if (!HEADER_NAME.test(name)) throw sqsError('INVALID', `the header '${name}' has a name that SQS does not take`);
  if (value === '') throw sqsError('INVALID', `the header '${name}' is empty, and SQS takes no empty values`);
  if (!isText(value)) throw sqsError('INVALID', `the header '${name}' has characters that SQS does not take`);
  return name;
}

/** JSON escapes every character that SQS does not take, but for these two. */
const json = (value: object): string =>
  JSON.stringify(value).replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);

/** The message that a body and attributes are, whoever wrote them. `own`: it has our envelope. Never throws. */
export function fromWire(
  text: string,
  attributes: Readonly<Record<string, unknown>>,
): { readonly message: Message; readonly own: boolean } {
  const { [ENVELOPE]: packed, ...flat } = attributes;
  const envelope = parse(packed);
  if (envelope === undefined) return { message: fromBinary(attributes, fromText(text, 'text')), own: false };
  const { [BODY]: form, ...fields } = envelope;
  const body = fromText(text, form === 'base64' || form === 'empty' ? form : 'text');
  return { message: fromBinary({ ...flat, ...fields }, body), own: true };
}

function parse(text: unknown): Record<string, string> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isOurs =
      typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string');
    return isOurs ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

/** How an entry is put into a queue. */
export interface Placement {
  readonly group: string | undefined;
  readonly deduplication: string | undefined;
  /** Whole seconds; undefined = the queue's own. */
  readonly delaySeconds: number | undefined;
}

/** One entry of SendMessageBatch. */
export function toEntry(id: string, { body, attributes, trace }: WireMessage, place: Placement): SendEntry {
  return {
    Id: id,
    MessageBody: body,
    MessageAttributes: attributes,
    ...(trace === undefined ? {} : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    ...(place.group === undefined ? {} : { MessageGroupId: place.group }),
    ...(place.deduplication === undefined ? {} : { MessageDeduplicationId: place.deduplication }),
    ...(place.delaySeconds === undefined ? {} : { DelaySeconds: place.delaySeconds }),
  };
}

/** What a delivery gets from its receiver. */
export interface Hold {
  readonly lockedUntil: number;
  readonly receipt: unknown;
  /** Of a FIFO queue: what others write has its group for a key. */
  readonly isFifo: boolean;
}

/** A message of anybody's as a delivery. Never throws. */
export function toDelivery(raw: SqsMessage, { lockedUntil, receipt, isFifo }: Hold): Delivery {
  const { Attributes: system = {} } = raw;
  const flat: Record<string, unknown> = Object.create(null) as Record<string, unknown>; // whatever the names are
  for (const [name, { StringValue, BinaryValue }] of Object.entries(raw.MessageAttributes ?? {}))
    flat[name] = StringValue ?? BinaryValue;
  if (system.AWSTraceHeader !== undefined) flat[TRACE_HEADER] ??= system.AWSTraceHeader;
  const { message, own } = fromWire(raw.Body ?? '', flat);
  if (!own) {
    if (message.id === '') message.id = raw.MessageId ?? '';
    if (message.time === 0) message.time = Number(system.SentTimestamp ?? 0);
    if (isFifo) message.key ??= system.MessageGroupId;
  }
  let deliveries = Number(system.ApproximateReceiveCount ?? 0);
  const source = system.DeadLetterQueueSourceArn;
  if (source !== undefined) {
    const from = source.slice(source.lastIndexOf(':') + 1);
    const at = Number(system.SentTimestamp ?? 0);
    message.headers = buriedByBroker(message.headers, { why: 'maxReceiveCount', from, at });
    if (deliveries > BACKSTOP_RECEIVES) deliveries -= BACKSTOP_RECEIVES; // it counts over all queues, and those were of the other one
  }
  return {
    ...message,
    deliveries,
    partition: undefined,
    position: undefined,
    lockedUntil,
    lease: undefined,
    receipt,
    native: raw,
  };
}
