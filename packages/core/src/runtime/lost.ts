import { MessagingError } from '../transport/errors.js';

/** Why a delivery cannot be settled any more; it comes again by itself. */
export const linkGone = (): MessagingError => new MessagingError('LOST', 'the link that delivered the message is gone');
/** Told to its handler by `context.signal`. */
export const leaseGone = (): MessagingError =>
  new MessagingError('LOST', 'the lock or lease of this message is gone: it is delivered again');
