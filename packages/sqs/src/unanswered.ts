import { type SendOutcome, textOf } from '@omnibus/core/transport';

/** What became of a call that AWS has not answered, as far as anybody here knows. */
export interface Silence {
  readonly code: 'TIMEOUT' | 'DENIED';
  /** Why there is no answer; never what was sent. */
  readonly why: string;
  /** `failed`: nothing has left. */
  readonly outcome: SendOutcome;
}

/** Nothing has left: no connection came to be. A network that goes away later says the same of a read, when everything may have left. */
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * Tells what the AWS SDK has thrown without an answer that can be read; undefined where AWS has answered. It may pass, and is never
 * CONNECTION: each call stands for itself, so no link is lost with it (decision 008).
 */
export function unanswered(error: unknown): Silence | undefined {
  const {
    name = '',
    code = '',
    syscall,
    $fault,
    $metadata,
  } = (error ?? {}) as {
    readonly name?: string;
    readonly code?: string;
    readonly syscall?: string;
    readonly $fault?: 'client' | 'server';
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const text = textOf(error);
  const hadLink = syscall === 'read' || syscall === 'write';
  if ((UNREACHABLE.test(code) && !hadLink) || (name === 'TimeoutError' && /connect/i.test(text)))
    return { code: 'TIMEOUT', why: `the endpoint cannot be reached: ${text.includes(code) ? text : code}`, outcome: 'failed' };
  if (name === 'CredentialsProviderError')
    return { code: 'DENIED', why: `no credentials: ${text.split('\n')[0]}`, outcome: 'failed' };
  const status = $metadata?.httpStatusCode;
  if ($fault === undefined && status === undefined)
    return { code: 'TIMEOUT', why: `no answer came: ${code || name || 'unknown error'}`, outcome: 'unknown' };
  if (status !== undefined && status < 300) return { code: 'TIMEOUT', why: 'the answer cannot be read', outcome: 'unknown' };
  return undefined;
}
