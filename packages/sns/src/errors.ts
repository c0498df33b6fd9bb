import { type ErrorCode, isMessagingError, MessagingError, type MessagingErrorOptions, textOf } from '@omnibus/core/transport';
import { unanswered } from '@omnibus/sqs';

/** An error of this transport. */
export const snsError = (code: ErrorCode, message: string, options?: MessagingErrorOptions): MessagingError =>
  new MessagingError(code, `sns: ${message}`, options);

/** What SNS says of a call, or of one entry of a batch. */
export interface Refusal {
  /** `NotFoundException`, `InvalidParameter`: classes and codes differ by their ending. */
  readonly code: string;
  /** SNS's own sentence. */
  readonly text: string;
  /** SNS blames the caller: the same request fails again. */
  readonly isOurFault: boolean;
}

/** From SNS's codes to ours, first match first; the sentence says what to do. (SNS API reference, "Common errors" and "Publish") */
const RULES: readonly (readonly [codes: RegExp, code: ErrorCode, fix: string])[] = [
  [/^NotFound$/, 'NO_ROUTE', 'The topic does not exist: use provision: create, or make it.'],
  [/Thrott|^TooManyRequests$|^RequestLimitExceeded$/, 'THROTTLED', 'SNS takes no more calls at the moment.'],
  [/^(InternalError|InternalFailure|ServiceUnavailable)$/, 'THROTTLED', 'SNS failed inside.'],
  [
    /^(AuthorizationError|AccessDenied|UnauthorizedOperation|NotAuthorized)$/,
    'DENIED',
    'The login may not do this: compare its IAM policy with what app.plan prints.',
  ],
  [/^(ExpiredToken|RequestExpired)$/, 'DENIED', 'The credentials have expired.'],
  [
    /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|InvalidSecurity|MissingAuthenticationToken|AuthFailure)$/,
    'DENIED',
    "AWS does not know these credentials: check the options 'credentials' and 'region'.",
  ],
  [/^KMS/, 'DENIED', "The topic's KMS key cannot be used: check the key and what the login may do with it."],
  [/^BatchRequestTooLong$/, 'TOO_LARGE', 'All messages of one call are too large together.'],
  [
    /^(FilterPolicyLimitExceeded|SubscriptionLimitExceeded|TopicLimitExceeded|TagLimitExceeded)$/,
    'TOPOLOGY',
    'The account has as many of them as AWS allows: delete some, or ask AWS for more.',
  ],
];

/** The refusal as an error. `where` names the topic and the call; SNS's own sentence is told where it is about no message. */
export function refusalError(where: string, { code, text, isOurFault }: Refusal, cause?: unknown): MessagingError {
  const short = code.replace(/Exception$/, '');
  if (/too long|must be shorter/i.test(text)) {
    const fix = 'raise the option topicMaxMessageBytes and the topic, or keep the payload elsewhere (claim check)';
    return snsError('TOO_LARGE', `${where}: SNS takes no message of that size: ${fix}`, { cause });
  }
  const rule = RULES.find(([codes]) => codes.test(short));
  if (rule !== undefined) return snsError(rule[1], `${where}: ${short}. ${rule[2]}`, { cause });
  return isOurFault
    ? snsError('INVALID', `${where}: ${short}: ${text}`, { cause })
    : snsError('THROTTLED', `${where}: ${short}: SNS failed inside.`, { cause });
}

/** What the AWS SDK makes of an answer that says no. */
interface ServiceError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * What a call of the client has thrown, as ours. What ended without an answer is TIMEOUT, and where bytes had left its outcome is
 * unknown; never CONNECTION: each call stands for itself, so no link is lost with it (decision 008).
 */
export function callError(where: string, error: unknown): MessagingError {
  if (isMessagingError(error)) return error;
  const silence = unanswered(error);
  if (silence !== undefined) {
    const { code, why, outcome } = silence;
    return snsError(code, `${where}: ${why}`, { cause: error, outcome, retryable: true });
  }
  const { name, $fault, $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined && status >= 500 && !/KMS|Thrott/.test(name))
    return snsError('THROTTLED', `${where}: SNS failed inside (HTTP ${status})`, { cause: error, outcome: 'unknown' });
  const [text = ''] = textOf(error).split('\n');
  return refusalError(where, { code: name, text, isOurFault: $fault !== 'server' }, error);
}

/** True where SNS says that there is no such object. */
export const isMissing = (error: unknown): boolean => isMessagingError(error, 'NO_ROUTE');
