import { type ErrorCode, MessagingError, type MessagingErrorOptions, textOf } from '@omnibus/core/transport';

/** An error of this transport. */
export const rabbitMqError = (code: ErrorCode, message: string, options?: MessagingErrorOptions): MessagingError =>
  new MessagingError(code, `rabbitmq: ${message}`, options);

/** The broker's own words, out of what amqplib makes of them. */
export function brokerText(error: unknown): string {
  const text = textOf(error);
  return /with message "(.*)"/s.exec(text)?.[1] ?? text;
}

/** AMQP reply codes (AMQP 0-9-1, section 1.2) that say more than "it failed". */
const REPLIES: Readonly<Record<number, ErrorCode>> = { 403: 'DENIED', 404: 'NOT_FOUND', 405: 'TOPOLOGY', 406: 'TOPOLOGY' };

/** The reply code of an AMQP error; undefined for any other. */
export const replyCode = (error: unknown): number | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;

/**
 * A 404 for a queue that exists, while its leader is not there: a node of the cluster is away, or on RabbitMQ 4 somebody else is just
 * declaring it. It passes.
 */
export const isUnavailable = (error: unknown): boolean =>
  replyCode(error) === 404 && brokerText(error).includes('is down or inaccessible');

/** Why a call on a channel failed. What the broker does not refuse by code, or refuses for the moment only, is CONNECTION. */
export function callError(what: string, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  const code = isUnavailable(error) ? 'CONNECTION' : (REPLIES[replyCode(error) ?? 0] ?? 'CONNECTION');
  return rabbitMqError(code, `${what} failed: ${brokerText(error)}`, { cause: error });
}

/** Why no connection came to be. `where` names host and vhost, never the password. */
export function connectError(where: string, error: unknown, timeoutMs: number | undefined): MessagingError {
  if (timeoutMs !== undefined) return rabbitMqError('CONNECTION', `${where} did not answer within ${timeoutMs} ms`);
  const text = brokerText(error);
  if (text.startsWith('ACCESS_REFUSED') || text.startsWith('SASL mechanism')) {
    return rabbitMqError('DENIED', `${where} refused the login: ${text} Check username, password and login.`, { cause: error });
  }
  if (text.startsWith('Expected ConnectionOpenOk')) {
    // amqplib keeps the broker's words (AMQP 530) to itself
    const why = 'it does not exist, or this user may not use it. See the broker log, or rabbitmqctl list_permissions.';
    return rabbitMqError('DENIED', `${where} refused the vhost: ${why}`, { cause: error });
  }
  if (/wrong version number|packet length too long/.test(text)) {
    const why = 'it does not speak TLS. Use amqp://, or the port that the broker has for amqps:// (by default 5671).';
    return rabbitMqError('CONNECTION', `${where} cannot be reached by amqps://: ${why}`, { cause: error });
  }
  return rabbitMqError('CONNECTION', `${where} cannot be reached: ${text}`, { cause: error });
}

/** Why one message could not be published. amqplib checks it before it writes anything, so nothing has left. */
export function publishError(where: string, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  if (error instanceof TypeError || error instanceof RangeError) {
    const field = /^Field '(\w+)'/.exec(error.message)?.[1];
    if (field !== undefined) return rabbitMqError('INVALID', `${where}: '${field}' of the message has more than 255 bytes`);
    if (error.message.startsWith('Encoded field table')) {
      return rabbitMqError('TOO_LARGE', `${where}: the headers of the message are over 64 KB, which is all that amqplib encodes`);
    }
    return rabbitMqError('INVALID', `${where}: the message cannot be encoded: ${error.message}`, { cause: error });
  }
  return rabbitMqError('CONNECTION', `${where}: ${textOf(error)}`, { cause: error, outcome: 'failed' });
}
