import type { Message } from '../transport/message.js';
import { attributeText, millis, put, rfc3339 } from './attribute.js';

/** The attributes that are fields of a Message, not headers. A header of the same name cannot be carried: the field is the truth. */
export const ENVELOPE: ReadonlySet<string> = new Set([
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

/**
 * A message as flat text attributes, CloudEvents 1.0 binary mode: `ce-*`, `content-type`, and its headers as they are. What a
 * message does not have makes no attribute. `delayMs` is not on the wire: it is what the broker is asked for.
 */
export function toBinary(message: Message): Record<string, string> {
  const attributes: Record<string, string> = { 'ce-specversion': '1.0' };
  if (message.id !== '') attributes['ce-id'] = message.id;
  if (message.type !== '') attributes['ce-type'] = message.type;
  const time = message.time === 0 ? undefined : rfc3339(message.time);
  if (time !== undefined) attributes['ce-time'] = time;
  if (message.contentType !== '') attributes['content-type'] = message.contentType;
  if (message.key !== undefined) attributes['ce-partitionkey'] = message.key;
  if (message.correlationId !== undefined) attributes['ce-correlationid'] = message.correlationId;
  if (message.replyTo !== undefined) attributes['ce-replyto'] = message.replyTo;
  const expires = rfc3339(message.expiresAt);
  if (expires !== undefined) attributes['ce-expirytime'] = expires;
  if (message.priority > 0) attributes['ce-priority'] = String(message.priority);
  for (const name of Object.keys(message.headers)) if (!ENVELOPE.has(name)) put(attributes, name, message.headers[name]!);
  return attributes;
}

/**
 * The message that attributes and a body are; the inverse of `toBinary`. Never throws: a time that cannot be read is 0
 * (unknown), an expiry Infinity (never), a priority 0 (lowest), and what is not there is empty or undefined as Message says.
 * Values that are no text become text (`attributeText`).
 */
export function fromBinary(attributes: Readonly<Record<string, unknown>>, body: Uint8Array): Message {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(attributes)) {
    if (ENVELOPE.has(name)) continue;
    const value = attributeText(attributes[name]);
    if (value !== undefined) put(headers, name, value);
  }
  const read = (name: string): string | undefined =>
    Object.hasOwn(attributes, name) ? attributeText(attributes[name]) : undefined;
  const priority = read('ce-priority') ?? '';
  return {
    id: read('ce-id') ?? '',
    type: read('ce-type') ?? '',
    time: millis(read('ce-time')) ?? 0,
    contentType: read('content-type') ?? '',
    body,
    headers,
    key: read('ce-partitionkey'),
    correlationId: read('ce-correlationid'),
    replyTo: read('ce-replyto'),
    delayMs: 0,
    expiresAt: millis(read('ce-expirytime')) ?? Number.POSITIVE_INFINITY,
    priority: /^\d{1,9}$/.test(priority) ? Number(priority) : 0,
  };
}
