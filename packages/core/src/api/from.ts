import type { From } from '../transport/channel.js';
import { MessagingError } from '../transport/errors.js';

/** Whether this is a beginning at all: plain JavaScript, and what came over a wire, can say anything. Where it lies the broker knows. */
export function isFrom(value: unknown): value is From {
  if (value === 'first' || value === 'next') return true;
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return typeof (value as { readonly position?: unknown } | null | undefined)?.position === 'string';
}

/** What a beginning may be, for errors. */
export const FROMS = "'first', 'next', a valid Date, or { position: '...' }";

/** The beginning as it stands. Throws INVALID for what is none. */
export function mustBeFrom(value: From, what: string): From {
  if (isFrom(value)) return value;
  throw new MessagingError('INVALID', `${what}: from has to be ${FROMS}`);
}
