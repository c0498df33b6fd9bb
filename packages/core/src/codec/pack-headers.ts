import type { Limits } from '../transport/capabilities.js';
import { MessagingError } from '../transport/errors.js';
import type { Headers } from '../transport/message.js';
import { put } from './attribute.js';
import { legalText } from './json.js';
import { OLD_SIZE_HEADER, SIZE_HEADER } from './pointer.js';

/** The header that holds, as JSON, the headers that a broker cannot carry as they are. */
export const PACKED = 'omnibus-headers';

/**
 * What every broker can carry in a text: the characters of XML 1.0, which are SQS's. No control character but tab, line feed
 * and carriage return, no half of a surrogate pair.
 */
const CARRIED = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

/**
 * Headers within a broker's limits: those that it cannot carry (name, empty value, characters) and those beyond its count go
 * into one header `omnibus-headers`, the envelope's own before the application's. Takes flat attributes as well. The same
 * object where nothing is in the way. Throws MessagingError TOO_LARGE where names and values are over `limits.bytes`.
 */
export function packHeaders(headers: Headers, limits: Limits['headers']): Headers {
  const names = Object.keys(headers);
  const good = names.filter((name) => isCarried(name, headers[name]!, limits));
  const packed =
    good.length === names.length && names.length <= limits.count ? headers : pack(headers, names, first(good, limits.count - 1));
  checkSize(packed, limits.bytes);
  return packed;
}

/** The inverse of `packHeaders`. Never throws: what is not the work of `packHeaders` stays as it is. */
export function unpackHeaders(headers: Headers): Headers {
  const packed = Object.hasOwn(headers, PACKED) ? parse(headers[PACKED]) : undefined;
  if (packed === undefined) return headers;
  const result: Record<string, string> = {};
  for (const name of Object.keys(headers)) if (name !== PACKED) put(result, name, headers[name]!);
  for (const name of Object.keys(packed)) put(result, name, packed[name]!);
  return result;
}

function isCarried(name: string, value: string, limits: Limits['headers']): boolean {
  return (
    name !== PACKED &&
    name.search(limits.name) !== -1 &&
    (limits.empty || value !== '') &&
    CARRIED.test(value) &&
    CARRIED.test(name)
  );
}

/** What others on the broker look for: filters, traces, extended clients. */
const FIRST: ReadonlySet<string> = new Set(['ce-type', 'traceparent', SIZE_HEADER, OLD_SIZE_HEADER]);

/** The `count` names that are worth most to others on the broker: filters and traces, then the application's, then the envelope's. */
function first(names: readonly string[], count: number): ReadonlySet<string> {
  const rank = (name: string): number => (FIRST.has(name) ? 0 : /^(?:ce-|omnibus-)/.test(name) ? 2 : 1);
  return new Set(names.toSorted((a, b) => rank(a) - rank(b)).slice(0, Math.max(0, count)));
}

function pack(headers: Headers, names: readonly string[], kept: ReadonlySet<string>): Headers {
  const result: Record<string, string> = {};
  const rest: Record<string, string> = {};
  for (const name of names) put(kept.has(name) ? result : rest, name, headers[name]!);
  result[PACKED] = legalText(JSON.stringify(rest));
  return result;
}

function checkSize(headers: Headers, limit: number): void {
  if (limit === Number.POSITIVE_INFINITY) return;
  let bytes = 0;
  for (const name of Object.keys(headers)) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name]!);
  if (bytes > limit)
    throw new MessagingError(
      'TOO_LARGE',
      `The headers have ${bytes} bytes, names included, and the broker takes ${limit}. Send less in headers, or move it to the payload.`,
    );
}

function parse(text: string | undefined): Headers | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const isPacked =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((entry) => typeof entry === 'string');
    return isPacked ? (value as Headers) : undefined;
  } catch {
    return undefined;
  }
}
