import { isDeepStrictEqual } from 'node:util';
import { jsonCodec, type MessageType, MessagingError, type PayloadOf } from '@omnibus/core';

type Result = Awaited<ReturnType<MessageType['schema']['~standard']['validate']>>;

/** The payload as a receiver reads it. */
export async function payloadOf<M extends MessageType>(message: M, body: Uint8Array): Promise<PayloadOf<M>> {
  return outputOf(message, await read(message, body));
}

/** The same at once; throws INVALID where the message's schema needs time. */
export function payloadNow<M extends MessageType>(message: M, body: Uint8Array): PayloadOf<M> {
  const result = read(message, body);
  if (!(result instanceof Promise)) return outputOf(message, result);
  result.catch(() => {});
  throw new MessagingError(
    'INVALID',
    `the schema of "${message.name}" is asynchronous, so its payloads cannot be listed: await handled() instead`,
  );
}

/** Whether every field of `match` is in the payload, and equal. */
export const matches = (payload: unknown, match: object): boolean =>
  Object.entries(match).every(([field, value]) => isDeepStrictEqual((payload as Record<string, unknown>)[field], value));

const read = (message: MessageType, body: Uint8Array): Result | Promise<Result> =>
  message.schema['~standard'].validate((message.codec ?? jsonCodec).decode(body));

function outputOf<M extends MessageType>({ name }: M, { issues, ...result }: Result): PayloadOf<M> {
  if (issues === undefined) return (result as { readonly value: unknown }).value as PayloadOf<M>;
  throw new MessagingError(
    'INVALID',
    `what was sent as "${name}" does not fit the schema given: ${issues.map((issue) => issue.message).join('; ')}`,
  );
}
