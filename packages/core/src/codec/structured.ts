import type { Message } from '../transport/message.js';
import { attributeText, put } from './attribute.js';
import { fromBinary, toBinary } from './cloudevents.js';
import { invalid } from './codec.js';
import { dataSlice } from './data-slice.js';
import { isJson } from './json.js';

/** The content type of a message in structured mode. */
export const STRUCTURED = 'application/cloudevents+json';

/** The attribute that holds, as JSON text, the headers that cannot be attributes of their own. */
const HEADERS = 'omnibusheaders';

/** Headers that CloudEvents names without `ce-` (distributed tracing extension). */
const TRACING: ReadonlySet<string> = new Set(['traceparent', 'tracestate']);

/** A header `ce-<name>` cannot become the attribute `<name>` where that means something else. */
const TAKEN: ReadonlySet<string> = new Set(['data', 'datacontenttype', HEADERS, ...TRACING]);

const CLOSE = Buffer.from('}');
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A message as one JSON document, CloudEvents 1.0 structured mode, for brokers without headers. `data` stands last and is the
 * body's own bytes where content type and bytes say JSON, else there is `data_base64`: the body comes back byte by byte.
 */
export function toStructured(message: Message): Uint8Array {
  const event: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const [name, value] of Object.entries(toBinary(message))) {
    const attribute = attributeOf(name);
    if (attribute === undefined) put(others, name, value);
    else event[attribute] = value;
  }
  if (Object.keys(others).length > 0) event[HEADERS] = JSON.stringify(others);
  const { body, contentType } = message;
  if (body.length > 0 && isJson(contentType) && jsonIn(body) !== undefined) {
    return Buffer.concat([Buffer.from(`${JSON.stringify(event).slice(0, -1)},"data":`), body, CLOSE]);
  }
  if (body.length > 0) event['data_base64'] = Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64');
  return Buffer.from(JSON.stringify(event));
}

/**
 * The message that a structured CloudEvent holds, one of ours or of others; the inverse of `toStructured`. Throws
 * MessagingError INVALID where the bytes are no CloudEvent; absurd attributes read as in `fromBinary`.
 */
export function fromStructured(bytes: Uint8Array): Message {
  const event = parse(bytes);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(event)) {
    const text = name === 'data' || name === 'data_base64' ? undefined : attributeText(value);
    if (text !== undefined)
      put(attributes, name === 'datacontenttype' ? 'content-type' : TRACING.has(name) ? name : `ce-${name}`, text);
  }
  const others = headersIn(event[HEADERS]);
  if (others !== undefined) delete attributes[`ce-${HEADERS}`];
  for (const [name, value] of Object.entries(others ?? {})) {
    const text = Object.hasOwn(attributes, name) ? undefined : attributeText(value);
    if (text !== undefined) put(attributes, name, text);
  }
  if ('data' in event) attributes['content-type'] ??= 'application/json'; // CloudEvents JSON format 1.0, section 3.1
  return fromBinary(attributes, bodyOf(event, bytes, attributes['content-type'] ?? ''));
}

function attributeOf(name: string): string | undefined {
  if (name === 'content-type') return 'datacontenttype';
  if (TRACING.has(name)) return name;
  const attribute = /^ce-([a-z0-9]+)$/.exec(name)?.[1]; // the only names that CloudEvents allows
  return attribute === undefined || TAKEN.has(attribute) ? undefined : attribute;
}

/** What the bytes say as JSON; undefined where they are none, byte order mark included. */
function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strict.decode(bytes));
  } catch {
    return undefined;
  }
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const event = jsonIn(bytes);
  if (typeof event === 'object' && event !== null && Object.hasOwn(event, 'specversion'))
    return event as Readonly<Record<string, unknown>>;
  const what = event === undefined ? 'they are not JSON' : 'they have no specversion';
  throw invalid(`The ${bytes.length} bytes are not a CloudEvent in structured mode: ${what}.`);
}

function headersIn(value: unknown): object | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const headers: unknown = JSON.parse(value);
    return typeof headers === 'object' && headers !== null && !Array.isArray(headers) ? headers : undefined;
  } catch {
    return undefined;
  }
}

function bodyOf(event: Readonly<Record<string, unknown>>, bytes: Uint8Array, contentType: string): Uint8Array {
  const { data, data_base64: base64 } = event;
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (base64 !== undefined) throw invalid('The CloudEvent has a data_base64 that is no text.');
  if (typeof data === 'string' && !isJson(contentType)) return Buffer.from(data); // the same section: such a text is the data itself
  return dataSlice(bytes) ?? new Uint8Array(0);
}
