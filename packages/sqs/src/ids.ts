import { createHash } from 'node:crypto';
import type { Headers, Message } from '@omnibus/core/transport';

/*
 * Ids of FIFO queues: MessageGroupId and MessageDeduplicationId have up to 128 of A-Z a-z 0-9 and punctuation. What does not fit
 * goes as its SHA-256 in hex.
 */

const ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

const PACKED = 'omnibus-headers';

const fitting = (text: string): string => (ID.test(text) ? text : sha256(text));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Messages of one group come one after another. A message without a key has a group of its own, and waits for nobody. */
export const groupOf = ({ key, id }: Message): string => fitting(key ?? id);

/**
 * A message that is sent again because the outcome was unknown keeps its id, and SQS takes it once. A copy that the framework makes
 * (retry, dead letter, parked, sent back) has headers that tell it from the original: `id#n`, or SQS would swallow it within 5 minutes
 * of the original, which is acked then.
 */
export function deduplicationOf({ id, headers }: Message): string {
  const mark = copyMark(headers);
  return fitting(mark === '' ? id : `${id}#${sha256(mark).slice(0, 16)}`);
}

/** What the framework wrote into the headers of a copy; empty for an original. */
function copyMark(headers: Headers): string {
  const all = { ...headers, ...packed(headers[PACKED]) };
  const own = Object.keys(all).filter((name) => name.startsWith('omnibus-') && name !== PACKED);
  return own.length === 0 ? '' : JSON.stringify(own.toSorted().map((name) => [name, all[name]]));
}

function packed(text: string | undefined): Headers {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Headers) : {};
  } catch {
    return {}; // not the core's work: a header like any other
  }
}
