import type { Headers } from '../transport/message.js';
import { DEAD_HEADER } from './header-names.js';

/** One death of a message. Times are ISO 8601. */
export interface Death {
  readonly reason: string;
  /** Text of the handler's last error. */
  readonly error?: string | undefined;
  readonly attempts: number;
  /** Name of the channel, and group, that it died on. */
  readonly channel: string;
  readonly group?: string | undefined;
  /** When it first failed, as far as that is known. */
  readonly first: string;
  readonly last: string;
}

/** What the header `omnibus-dead` says, as JSON. */
export interface DeadLetter extends Death {
  /** Its former deaths, newest first, without their error texts; at most 10. */
  readonly history?: readonly Death[] | undefined;
}

/** Most bytes of the header, name included, even where it is quoted once more inside `omnibus-headers`. */
const DEAD_HEADER_BYTES = 4_096 - 64; // what a broker may add to a header

const ERROR_BYTES = 1_024;
const REASON_BYTES = 256;
const NAME_BYTES = 200; // of a channel or a group
const HISTORY = 10;

/** The value of `omnibus-dead` for a message that dies now; what it says of former deaths is kept as history. */
export function deadHeader(death: Death, headers: Headers): string {
  const former = readDeadHeader(headers);
  const history =
    former === undefined
      ? []
      : [former, ...(former.history ?? [])].slice(0, HISTORY).map((old) => shorten({ ...old, error: undefined }));
  const latest = shorten(death);
  for (;;) {
    const text = JSON.stringify(history.length === 0 ? latest : { ...latest, history });
    if (history.length === 0 || jsonBytes(text) + DEAD_HEADER.length <= DEAD_HEADER_BYTES) return text;
    history.pop();
  }
}

/** What `omnibus-dead` says; undefined where there is none, or none that can be read. */
export function readDeadHeader(headers: Headers): DeadLetter | undefined {
  const text = headers[DEAD_HEADER];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isDeath(value)) return undefined;
    const history: unknown = 'history' in value ? value.history : undefined;
    return { ...value, history: Array.isArray(history) ? history.filter(isDeath) : undefined };
  } catch {
    return undefined;
  }
}

function isDeath(value: unknown): value is Death {
  if (typeof value !== 'object' || value === null) return false;
  const { reason, error, attempts, channel, group, first, last } = value as Record<string, unknown>;
  const optional = [error, group].every((text) => text === undefined || typeof text === 'string');
  return optional && typeof attempts === 'number' && [reason, channel, first, last].every((text) => typeof text === 'string');
}

/** Every text within its bound, and nothing else. */
function shorten({ reason, error, attempts, channel, group, first, last }: Death): Death {
  return {
    reason: cut(reason, REASON_BYTES),
    ...(error === undefined ? {} : { error: cut(error, ERROR_BYTES) }),
    attempts,
    channel: cut(channel, NAME_BYTES),
    ...(group === undefined ? {} : { group: cut(group, NAME_BYTES) }),
    first: cut(first, 32),
    last: cut(last, 32),
  };
}

/** The longest beginning that takes at most `bytes` in JSON, cut between characters; `…` at its end says that it was cut. */
function cut(text: string, bytes: number): string {
  const ellipsis = '…';
  let size = 0;
  let fits = ''; // the longest beginning that leaves room for the ellipsis
  let begun = '';
  for (const character of text) {
    size += jsonBytes(character) - 2;
    if (size > bytes) return fits + ellipsis;
    begun += character;
    if (size <= bytes - Buffer.byteLength(ellipsis)) fits = begun;
  }
  return text;
}

/** Bytes of a text as a JSON string, quotes included. */
const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));
