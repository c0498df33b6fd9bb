import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';

/** True where the link, or the end that said so, is gone: what was sent on it is unresolved and waits for a new one. */
export const isLinkError = (error: MessagingError): boolean =>
  error.code === 'CONNECTION' || error.code === 'LOST' || error.code === 'CLOSED';

/** True where the broker said that what was asked for does not stand there. */
export const isMissing = (error: MessagingError): boolean => error.code === 'NO_ROUTE' || error.code === 'NOT_FOUND';

/** A MessagingError as it is; anything else (a fault in an adapter) as CONNECTION with outcome `unknown`, naming `where`. */
export function asMessagingError(error: unknown, where: string): MessagingError {
  return isMessagingError(error)
    ? error
    : new MessagingError('CONNECTION', `${where}: ${textOf(error)}`, { cause: error, outcome: 'unknown' });
}
