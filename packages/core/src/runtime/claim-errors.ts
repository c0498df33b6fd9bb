import { type ErrorCode, isMessagingError, MessagingError, textOf } from '../transport/errors.js';

/** Thrown where a payload is read: the body that a message points to could not be had. */
export class Unclaimed extends Error {
  override readonly name = 'Unclaimed';

  constructor(override readonly cause: MessagingError) {
    super(cause.message);
  }
}

/** Codes that no retry helps, and what the dead letter then says. */
const HOPELESS: Readonly<Partial<Record<ErrorCode, string>>> = {
  NOT_FOUND: 'claim-missing',
  TOO_LARGE: 'claim-too-large',
  INVALID: 'claim-refused',
};

/** Why a message dies at once that cannot be read; undefined where the retry policy decides. */
export const hopeless = ({ cause: { code } }: Unclaimed): string | undefined => HOPELESS[code];

/** What a store threw, with what it was asked for; what is no MessagingError may well work later. */
export function storeError(thrown: unknown, what: string): MessagingError {
  const text = `${what}: ${textOf(thrown)}`;
  if (!isMessagingError(thrown)) return new MessagingError('CONNECTION', text, { cause: thrown });
  return new MessagingError(thrown.code, text, { cause: thrown, retryable: thrown.retryable });
}
