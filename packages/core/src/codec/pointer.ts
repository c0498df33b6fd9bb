/*
 * The form that the SQS and SNS Extended Clients gave a large message: its body stands in a bucket, the message has a pointer
 * to it for a body, and a number in a header says how large the body is. Source: amazon-sqs-java-extended-client-lib and its
 * payload-offloading library.
 */
import type { Delivery, Headers, Message } from '../transport/message.js';

/** Where a body is kept. */
export interface ClaimPointer {
  readonly bucket: string;
  readonly key: string;
}

/** Bytes of the body that a pointer stands for: what both clients write, the older name by default in the SQS client. */
export const SIZE_HEADER = 'ExtendedPayloadSize';
export const OLD_SIZE_HEADER = 'SQSLargePayloadSize';

const POINTER_CLASS = 'software.amazon.payloadoffloading.PayloadS3Pointer';
const CLASSES: ReadonlySet<unknown> = new Set([POINTER_CLASS, 'com.amazon.sqs.javamessaging.MessageS3Pointer']);
const LARGEST = 8_192; // a bucket's name has 63 bytes, a key 1,024, which JSON may write six times as long
const OPENING = 0x5b; // [
const decoder = new TextDecoder();

/** The body that goes instead of the one that is kept. */
export const pointerBody = ({ bucket, key }: ClaimPointer): Uint8Array =>
  Buffer.from(JSON.stringify([POINTER_CLASS, { s3BucketName: bucket, s3Key: key }]));

/** Whether one of the two names is among the headers. */
export const hasSizeHeader = (headers: Headers): boolean =>
  headers[SIZE_HEADER] !== undefined || headers[OLD_SIZE_HEADER] !== undefined;

/** Where a message's body is; undefined for one that brings it along, which is told from its headers alone. Never throws. */
export function pointerIn({ headers, body }: Pick<Message | Delivery, 'headers' | 'body'>): ClaimPointer | undefined {
  return hasSizeHeader(headers) ? read(body) : undefined;
}

function read(body: Uint8Array): ClaimPointer | undefined {
  if (body.length > LARGEST || body[0] !== OPENING) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(body));
  } catch {
    return undefined;
  }
  if (!Array.isArray(value) || value.length !== 2 || !CLASSES.has(value[0])) return undefined;
  const { s3BucketName: bucket, s3Key: key } = (value[1] ?? {}) as { readonly s3BucketName?: unknown; readonly s3Key?: unknown };
  return typeof bucket === 'string' && typeof key === 'string' && bucket !== '' && key !== '' ? { bucket, key } : undefined;
}
