import type { Message } from '../transport/message.js';

const FIXED_BYTES = 64; // time, expiry, priority and a broker's own framing

/** Never less than what the message takes on the wire, at the price of one pass over its headers: UTF-8 takes up to 3 bytes a UTF-16 unit. */
export function largestBytes(message: Message): number {
  const { headers } = message;
  let units = message.id.length + message.type.length + message.contentType.length;
  units += (message.key?.length ?? 0) + (message.correlationId?.length ?? 0) + (message.replyTo?.length ?? 0);
  for (const name in headers) units += name.length + headers[name]!.length;
  return message.body.byteLength + FIXED_BYTES + 3 * units;
}

/** The same counted exactly; slower. */
export function exactBytes(message: Message): number {
  const texts = [
    message.id,
    message.type,
    message.contentType,
    message.key ?? '',
    message.correlationId ?? '',
    message.replyTo ?? '',
  ];
  for (const [name, value] of Object.entries(message.headers)) texts.push(name, value);
  return message.body.byteLength + FIXED_BYTES + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
