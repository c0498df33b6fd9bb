const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A broker's typed header as text: numbers and booleans as JavaScript writes them, dates as RFC 3339, bytes as the UTF-8 text
 * that they are, else `base64:` and their base64, lists and tables as JSON. Undefined for null and undefined. Never throws.
 */
export function attributeText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? undefined : objectText(value);
    default:
      return undefined; // undefined, and what no broker has
  }
}

function objectText(value: object): string | undefined {
  if (value instanceof Date) return rfc3339(value.getTime()) ?? 'Invalid Date';
  if (value instanceof Uint8Array) return bytesText(value);
  try {
    return JSON.stringify(value);
  } catch {
    return 'unreadable';
  }
}

function bytesText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return `base64:${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}`;
  }
}

/** RFC 3339 in UTC with ms, for ms since 1970; undefined for what is no date, Infinity among it. */
export function rfc3339(ms: number): string | undefined {
  return Math.abs(ms) <= LAST_DATE ? new Date(ms).toISOString() : undefined;
}

const LAST_DATE = 8.64e15; // ECMAScript, Time Values: what a Date can hold

/** Ms since 1970 of an RFC 3339 time, or of its extended years as `rfc3339` writes them; undefined for anything else. */
export function millis(text: string | undefined): number | undefined {
  if (text === undefined || !TIME.test(text)) return undefined;
  const ms = Date.parse(text.toUpperCase());
  return Number.isNaN(ms) ? undefined : ms;
}

const TIME = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** Sets an own property whatever its name is: `__proto__` too, which an assignment would take for the prototype. */
export function put(record: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  else record[name] = value;
}
