import { message } from '@omnibus/core';
import type { Message } from '@omnibus/core/transport';
import { expect } from 'vitest';

/** What amazon-sqs-java-extended-client-lib and its payload-offloading library write and read. */
export const POINTER = 'software.amazon.payloadoffloading.PayloadS3Pointer';
export const OLD_POINTER = 'com.amazon.sqs.javamessaging.MessageS3Pointer';

export interface Text {
  readonly text: string;
}
const schema = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: (value: unknown) => ({ value: value as Text }),
    types: undefined as never as { input: Text; output: Text },
  },
};
export const Texts = message('text', schema);
/** A payload over 256 KiB, and its bytes as JSON. */
export const large: Text = { text: 'ä'.repeat(150_000) };
export const BYTES = 300_011;

/** What their senders put into the body. */
export const pointer = (bucket: string, key: string, pointerClass: string = POINTER): string =>
  JSON.stringify([pointerClass, { s3BucketName: bucket, s3Key: key }]);

/** What their readers do: one of the two attributes is there, the body is a list of a class that they know and a pointer with nothing else in it. */
export function pointerAsTheyReadIt({ headers, body }: Pick<Message, 'headers' | 'body'>): {
  readonly s3BucketName: string;
  readonly s3Key: string;
} {
  expect(headers['ExtendedPayloadSize'] ?? headers['SQSLargePayloadSize']).toMatch(/^\d+$/);
  const [pointerClass, found] = JSON.parse(Buffer.from(body).toString()) as [string, Record<'s3BucketName' | 's3Key', string>];
  expect([pointerClass, Object.keys(found).toSorted()]).toEqual([POINTER, ['s3BucketName', 's3Key']]);
  return found;
}
