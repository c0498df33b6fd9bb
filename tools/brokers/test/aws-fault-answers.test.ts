import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { awsEntryErrors, awsErrors } from '../src/aws-errors.js';
import { awsFaults } from '../src/aws-faults.js';
import type {} from '../src/vitest-setup.js';
import { AwsBench, failure } from './support/aws-bench.js';

const aws = inject('aws');
const why = aws.available ? '' : ` [not run: ${aws.reason}]`;

describe.skipIf(!aws.available)(`an AWS behind a proxy${why}`, () => {
  if (!aws.available) return it('is not run');
  const bench = AwsBench.inFrontOf(aws);

  it.each([
    ['throttled', 'RequestThrottled', 'RequestThrottled', 403],
    ['rateExceeded', 'Throttling', 'Throttling', 400],
    ['overLimit', 'OverLimit', 'OverLimit', 403],
    ['internal', 'InternalFailure', 'InternalFailure', 500],
    ['unavailable', 'ServiceUnavailable', 'ServiceUnavailable', 503],
    ['accessDenied', 'AccessDenied', 'AccessDenied', 403],
    ['expiredToken', 'ExpiredToken', 'ExpiredToken', 403],
    ['invalidClientTokenId', 'InvalidClientTokenId', 'InvalidClientTokenId', 403],
    ['notFound', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 400],
    ['messageNotInflight', 'MessageNotInflight', 'AWS.SimpleQueueService.MessageNotInflight', 400],
    ['receiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid', 404],
    ['batchRequestTooLong', 'BatchRequestTooLong', 'AWS.SimpleQueueService.BatchRequestTooLong', 400],
    ['kmsAccessDenied', 'KmsAccessDenied', 'KMS.AccessDeniedException', 400],
    ['kmsThrottled', 'KmsThrottled', 'KMS.ThrottlingException', 400],
  ] as const)('answers SQS calls with %s as its client reads it', async (error, name, Code, httpStatusCode) => {
    const { QueueUrl, send, receive } = await bench.queue('errors');
    const injected = bench.proxy.inject('SendMessage', awsFaults.error(awsErrors[error]), { times: 1 });
    const failed = await failure(send('refused'));
    expect(failed).toMatchObject({
      name,
      Code,
      $metadata: { httpStatusCode, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(failed).toMatchObject({ Type: httpStatusCode < 500 ? 'Sender' : 'Receiver' });
    expect(failed['message']).toBe(awsErrors[error].forms.json!.message);
    expect(injected).toMatchObject({ hits: 1, about: awsErrors[error].about });
    expect(await receive()).toEqual([]);
    expect(bench.proxy.counts['SendMessage']).toEqual({ calls: 1, units: 0, faulted: 1 });
    await send('accepted');
    for (const { ReceiptHandle } of await receive())
      await bench.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle }] }));
  });

  it.each([
    ['throttled', 'ThrottledException', 429],
    ['rateExceeded', 'Throttling', 400],
    ['internal', 'InternalErrorException', 500],
    ['accessDenied', 'AuthorizationErrorException', 403],
    ['expiredToken', 'ExpiredToken', 403],
    ['invalidClientTokenId', 'InvalidClientTokenId', 403],
    ['notFound', 'NotFoundException', 404],
    ['kmsThrottled', 'KMSThrottlingException', 400],
  ] as const)('answers SNS calls with %s as its client reads it', async (error, name, httpStatusCode) => {
    bench.proxy.inject('Publish', awsFaults.error(awsErrors[error]));
    const failed = await failure(bench.sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: 'no' })));
    const fault = httpStatusCode < 500 ? 'client' : 'server';
    expect(failed).toMatchObject({ name, $fault: fault, $metadata: { httpStatusCode, requestId: expect.any(String) } });
    expect(failed['message']).toBe(awsErrors[error].forms.query!.message);
  });

  it.each([
    ['throttled', 'SlowDown', 503],
    ['accessDenied', 'AccessDenied', 403],
    ['expiredToken', 'ExpiredToken', 400],
    ['notFound', 'NoSuchKey', 404],
  ] as const)('answers S3 calls with %s as its client reads it', async (error, name, httpStatusCode) => {
    bench.proxy.inject(['GetObject', 'PutObject'], awsFaults.error(awsErrors[error]));
    const got = await failure(bench.s3.send(new GetObjectCommand({ Bucket: 'proxied', Key: 'k' })));
    expect(got).toMatchObject({ name, $metadata: { httpStatusCode } });
    const put = await failure(bench.s3.send(new PutObjectCommand({ Bucket: 'proxied', Key: 'k', Body: Buffer.alloc(100_000) })));
    expect(put).toMatchObject({ name });
  });

  it('refuses, aloud and not as AWS would, an error that the service does not have', async () => {
    bench.proxy.inject('*', awsFaults.error(awsErrors.overLimit));
    const failed = await failure(bench.sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: 'no' })));
    expect(failed).toMatchObject({ $metadata: { httpStatusCode: 501 } });
    const answer = await fetch(bench.proxy.url, { method: 'POST', body: new URLSearchParams({ Action: 'Publish' }) });
    expect(await answer.text()).toContain('query of AWS has no such error: as many messages in flight');
  });

  it('fails the chosen entries of the batches of SQS and passes the others on', async () => {
    const { QueueUrl, receive } = await bench.queue('batches');
    const entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: `body ${Id}` }));
    const second = awsFaults.entries(awsEntryErrors.internal, (_, index) => index === 1);
    bench.proxy.inject(['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'], second);
    const sent = await bench.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }));
    expect(sent.Successful!.map(({ Id }) => Id)).toEqual(['a', 'c']);
    const failed = [{ Id: 'b', SenderFault: false, Code: 'InternalError', Message: 'Internal Error' }];
    expect(sent.Failed).toEqual(failed);
    const messages = await receive();
    expect(messages.map(({ Body }) => Body)).toEqual(['body a', 'body c']);
    const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: 'ab'[index]!, ReceiptHandle: ReceiptHandle! }));
    const changes = handles.map((handle) => ({ ...handle, VisibilityTimeout: 0 }));
    const changed = await bench.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: changes }));
    expect(changed).toMatchObject({ Successful: [{ Id: 'a' }], Failed: failed });
    const [again] = await receive();
    expect(again?.Body).toBe('body a');
    const deletions = [{ Id: 'a', ReceiptHandle: again!.ReceiptHandle! }, handles[1]!];
    expect(await bench.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: deletions }))).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: failed,
    });
    expect(bench.proxy.counts['DeleteMessageBatch']).toEqual({ calls: 1, units: 1, faulted: 1 });
  });

  it('answers a batch that fails as a whole, entry by entry, without passing it on', async () => {
    const { QueueUrl, receive } = await bench.queue('all-fail');
    bench.proxy.inject('SendMessageBatch', awsFaults.entries(awsEntryErrors.throttled));
    const sent = await bench.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'x', MessageBody: 'x' }] }));
    expect(sent).toMatchObject({ Successful: [], Failed: [{ Id: 'x', SenderFault: true, Code: 'RequestThrottled' }] });
    expect(await receive()).toEqual([]);
  });

  it('fails the chosen entries of a PublishBatch and passes the others on, attributes included', async () => {
    const { TopicArn } = await bench.sns.send(new CreateTopicCommand({ Name: 'batches' }));
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'test' } };
    const PublishBatchRequestEntries = ['a', 'b', 'c'].map((Id) => ({ Id, Message: `body ${Id}`, MessageAttributes }));
    const publish = () => bench.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    bench.proxy.inject(
      'PublishBatch',
      awsFaults.entries(awsEntryErrors.invalidParameter, (id) => id !== 'c'),
      { times: 1 },
    );
    const partly = await publish();
    expect(partly.Successful!.map(({ Id }) => Id)).toEqual(['c']);
    const failed = (Id: string) => ({ Id, SenderFault: true, Code: 'InvalidParameterValue', Message: expect.any(String) });
    expect(partly.Failed).toEqual([failed('a'), failed('b')]);
    bench.proxy.inject('PublishBatch', awsFaults.entries(awsEntryErrors.internal), { times: 1 });
    const none = await publish();
    expect(none.Successful ?? []).toEqual([]);
    expect(none.Failed!.map(({ Id }) => Id)).toEqual(['a', 'b', 'c']);
  });
});
