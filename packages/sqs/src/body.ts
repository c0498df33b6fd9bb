import { isUtf8 } from 'node:buffer';

/*
 * SQS takes text of the characters of XML 1.0, at least one of them. Any other body goes as base64, an empty one as a hyphen; the
 * envelope says which.
 */

/** How a body stands in the text that SQS has: as it is, as base64, or as a placeholder for nothing. */
export type BodyForm = 'text' | 'base64' | 'empty';

const TEXT = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

const PLACEHOLDER = '-';

/** Whether SQS takes these characters. */
export const isText = (text: string): boolean => TEXT.test(text);

/** A body as SQS takes it, and how it is written. */
export function toText(body: Uint8Array): { readonly text: string; readonly form: BodyForm } {
  if (body.byteLength === 0) return { text: PLACEHOLDER, form: 'empty' };
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    if (isText(text)) return { text, form: 'text' };
  }
  return { text: bytes.toString('base64'), form: 'base64' };
}

/** The inverse of `toText`. */
export function fromText(text: string, form: BodyForm): Uint8Array {
  if (form === 'empty') return new Uint8Array(0);
  return Buffer.from(text, form === 'base64' ? 'base64' : 'utf8');
}
