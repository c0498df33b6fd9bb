import { type ErrorCode, MessagingError } from '@omnibus/core';

/** What the AWS SDK's errors say besides their text. */
interface AwsError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Logins that have ended, or are not there yet: the same call may succeed with the next ones. */
const ENDED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'RequestExpired',
  'CredentialsProviderError',
]);
const THROTTLED = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'RequestLimitExceeded', 'TooManyRequestsException']);
const DENIED = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'AuthorizationHeaderMalformed',
]);
const WRONG_PLACE = new Set(['NoSuchBucket', 'PermanentRedirect', 'IllegalLocationConstraintException']);

/** Whether a call failed for a login that has ended. */
export const hasEnded = (error: unknown): boolean => ENDED.has((error as AwsError | undefined)?.name ?? '');

/** Why a call failed: its code says what becomes of the message, its text what to do. Never a secret or a payload. */
export function s3Error(doing: 'write' | 'read' | 'delete', where: string, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  const { name = 'Error', message = '', code: system = '', $metadata } = (error ?? {}) as AwsError;
  const status = $metadata?.httpStatusCode ?? 0;
  const said = `${name === 'Error' && system !== '' ? system : name}${message === '' ? '' : `: ${message}`}`;
  const fail = (code: ErrorCode, advice: string, retryable?: boolean): MessagingError =>
    new MessagingError(code, `s3: ${doing} of ${where} failed: ${said}${advice === '' ? '' : `. ${advice}`}`, {
      cause: error,
      retryable,
    });

  if (ENDED.has(name)) return fail('DENIED', 'The login has ended, or none was found: see `credentials` of s3Store', true);
  if (name === 'NoSuchKey' || (name === 'NotFound' && doing !== 'write'))
    return fail('NOT_FOUND', 'The object is gone: was it deleted by another consumer, or by a lifecycle rule that is too short?');
  if (WRONG_PLACE.has(name))
    return fail('TOPOLOGY', 'Create the bucket, or set `region` and `endpoint` of s3Store to where it is');
  if (name === 'InvalidObjectState') return fail('INVALID', 'The object was archived: restore it, then redrive the message');
  if (name.startsWith('KMS.') || name.includes('KMS'))
    return fail('DENIED', 'The login needs kms:Decrypt to read, and kms:GenerateDataKey to write, on the key of the bucket');
  if (DENIED.has(name) || status === 401 || status === 403) return fail('DENIED', PERMISSION[doing]);
  if (THROTTLED.has(name) || status === 429 || status === 503) return fail('THROTTLED', '');
  if (/^region is missing/i.test(message)) return fail('CONFIG', 'Set `region` of s3Store, or AWS_REGION');
  if (name === 'TimeoutError') return fail('TIMEOUT', '');
  if (status >= 400 && status < 500 && status !== 408) return fail(doing === 'write' ? 'INVALID' : 'TOPOLOGY', '');
  return fail('CONNECTION', '');
}

const PERMISSION = {
  write: 'The login needs s3:PutObject there (and kms:GenerateDataKey where the bucket has a KMS key)',
  read: 'The login needs s3:GetObject there (and kms:Decrypt where the bucket has a KMS key). Without s3:ListBucket on the bucket S3 says this of a missing object too: then the object may be gone',
  delete: 'The login needs s3:DeleteObject there; or set `cleanup: none` of the claim check',
} as const;
