import { type ErrorCode, MessagingError, type MessagingErrorOptions, textOf } from '@omnibus/core/transport';
import { unanswered } from './unanswered.js';

/** An error of this transport. */
export const sqsError = (code: ErrorCode, message: string, options?: MessagingErrorOptions): MessagingError =>
  new MessagingError(code, `sqs: ${message}`, options);

/** What AWS says of one entry of a batch call, or of a whole call. */
export interface Refusal {
  /** `ReceiptHandleIsInvalid`, `AWS.SimpleQueueService.NonExistentQueue`: older names carry a prefix. */
  readonly code: string;
  /** AWS's own sentence. */
  readonly text: string;
  /** AWS blames the caller: the same request fails again. */
  readonly isOurFault: boolean;
}

type Rule = readonly [codes: RegExp, code: ErrorCode, fix: string, retryable?: boolean];

/** From AWS's error codes to ours, first match first; the sentence says what to do. */
const RULES: readonly Rule[] = [
  [/^(QueueDoesNotExist|NonExistentQueue)$/, 'NOT_FOUND', 'The queue does not exist: use provision: create, or make it.'],
  [
    /^(RequestThrottled|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|KmsThrottled|RequestLimitExceeded)$/,
    'THROTTLED',
    'AWS takes no more calls at the moment.',
  ],
  [/^OverLimit$/, 'THROTTLED', 'The queue has as many messages in flight as SQS allows (120,000).'],
  [
    /^(ServiceUnavailable|InternalError|InternalFailure|InternalServerError|ServiceUnavailableException)$/,
    'THROTTLED',
    'AWS failed inside.',
  ],
  [/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/, 'DENIED', 'The credentials have expired.'],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken|InvalidSecurity|OptInRequired|AuthFailure)$/,
    'DENIED',
    "AWS does not know these credentials: check the options 'credentials' and 'region'.",
  ],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|NotAuthorized)$/,
    'DENIED',
    'The login may not do this: compare its IAM policy with what app.plan prints.',
  ],
  [/^Kms\w+$/, 'DENIED', "The queue's KMS key cannot be used: check the key and what the login may do with it."],
  [/^BatchRequestTooLong$/, 'TOO_LARGE', 'SQS takes 1 MiB in one call.'],
  [/^InvalidMessageContents$/, 'INVALID', 'The message has characters that SQS does not take.'],
  [/^QueueDeletedRecently$/, 'TOPOLOGY', 'SQS makes a queue anew 60 s after its name was deleted.', true],
  [/^QueueNameExists$/, 'TOPOLOGY', 'The queue exists with other attributes.'],
  [/^(ReceiptHandleIsInvalid|MessageNotInflight)$/, 'LOST', 'The message comes again.'],
];

/** The refusal as an error. `where` names the queue and the call. */
export function refusalError(where: string, { code, text, isOurFault }: Refusal, cause?: unknown): MessagingError {
  const short = code.split('.').at(-1) ?? code;
  if (/receipt ?handle/i.test(text) && /expired|invalid/i.test(text))
    return sqsError('LOST', `${where}: the receipt handle is no longer good. The message comes again.`, { cause });
  if (/must be shorter than/i.test(text))
    return sqsError(
      'TOO_LARGE',
      `${where}: ${text} Raise the queue's MaximumMessageSize, or keep the payload elsewhere (claim check).`,
      {
        cause,
      },
    );
  const rule = RULES.find(([codes]) => codes.test(short));
  if (rule !== undefined) {
    const [, ours, fix, retryable] = rule;
    return sqsError(ours, `${where}: ${short}. ${fix}`, { cause, ...(retryable === undefined ? {} : { retryable }) });
  }
  return isOurFault
    ? sqsError('INVALID', `${where}: ${short}: ${text}`, { cause })
    : sqsError('THROTTLED', `${where}: ${short}: AWS failed inside.`, { cause });
}

/** What the AWS SDK makes of an answer that says no. */
interface ServiceError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * What a call of the client has thrown, as ours. Without an answer it is TIMEOUT, never CONNECTION: there is no link that could be lost,
 * and the lock of a message does not end with a connection.
 */
export function callError(where: string, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  const silence = unanswered(error);
  if (silence !== undefined) {
    const { code, why, outcome } = silence;
    return sqsError(code, `${where}: ${why}`, { cause: error, outcome, retryable: true });
  }
  const { name, $fault, $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined && status >= 500 && !/Kms|OverLimit|Throttl/.test(name))
    return sqsError('THROTTLED', `${where}: AWS failed inside (HTTP ${status})`, { cause: error, outcome: 'unknown' });
  return refusalError(where, { code: name, text: firstLine(error), isOurFault: $fault !== 'server' }, error);
}

const firstLine = (error: unknown): string => textOf(error).split('\n')[0] ?? '';

/** Credentials that have run out; asked for anew they may be good again. */
export function isExpired(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/.test(name);
}
