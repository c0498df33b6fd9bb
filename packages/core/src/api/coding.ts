import type { StandardSchemaV1 } from '@standard-schema/spec';
import { jsonCodec } from '../codec/json.js';
import { MessagingError } from '../transport/errors.js';
import type { MessageType, Schema } from './messages.js';

/** Most issues that an error names. */
const MOST_ISSUES = 5;

/**
 * Runs a schema. Synchronous where the schema is: a promise only where it returns one.
 * @throws MessagingError INVALID naming fields and what is wrong with them, never their values.
 */
export function validate(schema: Schema, value: unknown, what: string): unknown {
  const result = schema['~standard'].validate(value);
  return result instanceof Promise ? result.then((each) => outputOf(each, what)) : outputOf(result, what);
}

function outputOf(result: StandardSchemaV1.Result<unknown>, what: string): unknown {
  if (result.issues === undefined) return result.value;
  const told = result.issues.slice(0, MOST_ISSUES).map(({ message, path = [] }) => {
    const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  const more = result.issues.length - told.length;
  throw new MessagingError(
    'INVALID',
    `${what} does not fit its schema: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
  );
}

/** Bytes to validated payload. */
export function decoder(message: MessageType): (body: Uint8Array) => unknown {
  const codec = message.codec ?? jsonCodec;
  const { schema, name } = message;
  const what = `"${name}" as received`;
  return (body) => validate(schema, codec.decode(body), what);
}

export const codecOf = (message: MessageType) => message.codec ?? jsonCodec;
