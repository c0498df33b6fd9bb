/** What went wrong, as one word that programs may branch on. `MessagingError.message` is for people. */
export type ErrorCode =
  | 'CONFIG'
  | 'DISCOVERY'
  | 'CAPABILITY'
  | 'TOPOLOGY'
  | 'CONNECTION'
  | 'DENIED'
  | 'THROTTLED'
  | 'TIMEOUT'
  | 'INVALID'
  | 'TOO_LARGE'
  | 'NOT_FOUND'
  | 'NO_ROUTE'
  | 'LOST'
  | 'CLOSED'
  | 'REMOTE';

/** Whether the broker may have taken a message whose send did not succeed: `unknown` means that bytes had left. */
export type SendOutcome = 'failed' | 'unknown';

/** What a MessagingError may say besides its code and text. */
export interface MessagingErrorOptions {
  readonly cause?: unknown;
  /** Default: true for CONNECTION, THROTTLED and TIMEOUT. */
  readonly retryable?: boolean | undefined;
  /** Default: `failed`. */
  readonly outcome?: SendOutcome | undefined;
}

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CONNECTION', 'THROTTLED', 'TIMEOUT']);

/**
 * The one error class of Omnibus. Its message says what failed, where (handler, channel, transport, file and line) and
 * what to do about it; it never holds a payload or a secret.
 */
export class MessagingError extends Error {
  override readonly name = 'MessagingError';
  readonly code: ErrorCode;
  /** True where the same call may succeed later without anyone changing anything. */
  readonly retryable: boolean;
  /** Sends only: `unknown` where the broker may have the message all the same. */
  readonly outcome: SendOutcome;

  constructor(code: ErrorCode, message: string, options: MessagingErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? RETRYABLE.has(code);
    this.outcome = options.outcome ?? 'failed';
  }
}

/** True for a MessagingError, of this copy of the package or another; with `code`, only for that code. */
export function isMessagingError(error: unknown, code?: ErrorCode): error is MessagingError {
  const is = error instanceof Error && error.name === 'MessagingError' && 'code' in error;
  return is && (code === undefined || error.code === code);
}

/** The text of anything that was thrown, without its stack. */
export function textOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  try {
    return String(error);
  } catch {
    return 'something that has no text was thrown';
  }
}
