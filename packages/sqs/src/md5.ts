import { hash } from 'node:crypto';
import type { AttributeValue } from './client.js';

/** MD5 is missing where OpenSSL runs in FIPS mode: then nothing is checked. */
const hasMd5 = ((): boolean => {
  try {
    hash('md5', '');
    return true;
  } catch {
    return false;
  }
})();

/** Whether a body is what SQS says it is; true where SQS does not say. */
export const isIntact = (said: string | undefined, own: () => string): boolean => said === undefined || !hasMd5 || said === own();

/** MD5 of a body, in hex. */
export const md5OfBody = (body: string): string => hash('md5', body, 'hex'); // in one call: a hash object costs as much again

const STRING = 1;
const BINARY = 2;

/**
 * MD5 of message attributes, in hex: by name in order of their bytes, each name, data type and value with its length before it
 * (SQS developer guide, "Calculating the MD5 message digest for message attributes").
 */
export function md5OfAttributes(attributes: Readonly<Record<string, AttributeValue>>): string {
  const parts: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  for (const name of Object.keys(attributes).toSorted()) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name]!;
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    parts.push(Uint8Array.of(BinaryValue === undefined ? STRING : BINARY));
    add(BinaryValue ?? Buffer.from(StringValue ?? ''));
  }
  return hash('md5', Buffer.concat(parts), 'hex');
}
