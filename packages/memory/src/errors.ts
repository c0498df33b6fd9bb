import { type ErrorCode, type Feature, MessagingError } from '@omnibus/core/transport';

/** An error of this transport. */
export const memoryError = (code: ErrorCode, message: string): MessagingError => new MessagingError(code, `memory: ${message}`);

/** A call used a feature that is not native here: what emulates it should have carried it. */
export const notNative = (feature: Feature, what: string): MessagingError =>
  memoryError('INVALID', `${what}, but '${feature}' is not native on this endpoint`);
