import type { Headers } from '../transport/message.js';

/** Number of the attempt that a retried copy begins: 2 on the first copy. Absent = 1. */
export const ATTEMPTS_HEADER = 'omnibus-attempts';
/** When the message first failed, in ms since 1970. */
export const FIRST_HEADER = 'omnibus-first';
/** When a parked message is due at its target, in ms since 1970. */
export const DUE_HEADER = 'omnibus-due';
/** When a parked message leaves the step that it waits in, in ms since 1970. */
export const LEAVE_HEADER = 'omnibus-leave';
/** Address of the channel that a parked message is meant for. */
export const TARGET_HEADER = 'omnibus-to';
/** Instance that waits for the reply, where all instances share one reply channel. */
export const REPLY_TO_HEADER = 'omnibus-reply-to';

/** `queue` on a message whose body is in a store and that only one consumer gets: that one may delete it. */
export const CLAIM_HEADER = 'omnibus-claim';

/** A header's whole number, 0 or more; undefined where it is absent or something else. */
export function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers[name];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The headers without those named. */
export function without(headers: Headers, ...names: readonly string[]): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
