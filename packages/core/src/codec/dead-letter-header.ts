import type { Headers } from '../transport/message.js';

/** What became of a dead letter, as JSON (`DeadLetter`). */
export const DEAD_HEADER = 'omnibus-dead';

/** One death of a message. Times are ISO 8601. */
export interface Death {
  /** `broker`: the broker's own mechanism buried it, by which a message ends that ends its consumer each time. */
  readonly reason: string;
  /** Text of the handler's last error; where the broker buried it, the broker's word for why. */
  readonly error?: string | undefined;
  /** 0 = nobody knows: the broker buried it. */
  readonly attempts: number;
  /** Name of the channel, and group, that it died on; where the broker buried it, the name of its queue. */
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

const LAST_DATE = 8.64e15; // ECMAScript, Time Values

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

/** What a broker tells of a message that it buried by its own mechanism. */
export interface Burial {
  /** In the broker's words, such as `delivery_limit`. */
  readonly why: string;
  /** The queue, by the broker's name of it. */
  readonly from: string;
  /** In ms since 1970; where the broker does not tell, when the message was sent. */
  readonly at: number;
}

/** The headers of a message that its broker buried, with `omnibus-dead` as if we had done it. Never throws. */
export function buriedByBroker(headers: Headers, { why, from, at }: Burial): Headers {
  const when = new Date(Math.abs(at) <= LAST_DATE ? at : 0).toISOString();
  const death = { reason: 'broker', error: why, attempts: 0, channel: from, first: when, last: when };
  return { ...headers, [DEAD_HEADER]: deadHeader(death, headers) };
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
