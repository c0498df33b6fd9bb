import { describe, expect, test } from 'vitest';
import { pointerBody, pointerIn } from '../../src/codec/pointer.js';

const flagged = { ExtendedPayloadSize: '300000' };
const body = (text: string): Uint8Array => Buffer.from(text);
const OURS = '["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k"}]';

describe('a pointer', () => {
  test('is written as the Extended Clients write it', () => {
    expect(Buffer.from(pointerBody({ bucket: 'b', key: 'k' })).toString()).toBe(OURS);
  });

  test.each([
    ['the class of both clients', OURS, flagged],
    ['the class of old SQS clients', OURS.replace(/software[^"]*/, 'com.amazon.sqs.javamessaging.MessageS3Pointer'), flagged],
    ['the header of the SQS client', OURS, { SQSLargePayloadSize: '300000' }],
    ['white space', OURS.replaceAll(/[[{,:]/g, '$& '), flagged],
  ])('is read with %s', (_, text, headers) => {
    expect(pointerIn({ headers, body: body(text) })).toEqual({ bucket: 'b', key: 'k' });
  });

  test.each([
    ['no header says so', OURS, {}],
    ['the class is another', OURS.replace('PayloadS3Pointer', 'Anything'), flagged],
    ['the bucket is missing', OURS.replace('"s3BucketName":"b",', ''), flagged],
    ['the key is empty', OURS.replace('"k"', '""'), flagged],
    ['the key is no text', OURS.replace('"k"', '7'), flagged],
    ['there is nothing behind the class', '["software.amazon.payloadoffloading.PayloadS3Pointer",null]', flagged],
    ['there is more than a pointer', OURS.replace('}]', '},1]'), flagged],
    ['it is no list', '{"s3BucketName":"b","s3Key":"k"}', flagged],
    ['it is no JSON', '[', flagged],
    ['it is empty', '', flagged],
    ['it is longer than any pointer', `${OURS}${' '.repeat(10_000)}`, flagged],
  ])('is not seen where %s', (_, text, headers) => {
    expect(pointerIn({ headers, body: body(text) })).toBeUndefined();
  });
});
