import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsEntryErrors, awsErrors } from '../src/aws-errors.js';
import { AwsFaultProxy } from '../src/aws-fault-proxy.js';
import { awsFaults } from '../src/aws-faults.js';
import { FaultProxy } from '../src/fault-proxy.js';
import type {} from '../src/vitest-setup.js';

const aws = inject('aws');
const why = aws.available ? '' : ` [not run: ${aws.reason}]`;

describe.skipIf(!aws.available)(`an AWS behind a proxy${why}`, () => {
  if (!aws.available) return it('is not run');
  let proxy: AwsFaultProxy;
  let sqs: SQSClient;
  let sns: SNSClient;
  let s3: S3Client;
  let QueueUrl = '';

  beforeAll(async () => {
    proxy = await AwsFaultProxy.inFrontOf(aws.url);
    const settings = { endpoint: proxy.url, region: aws.region, credentials: aws.credentials, maxAttempts: 1 };
    sqs = new SQSClient(settings);
    sns = new SNSClient(settings);
    s3 = new S3Client({ ...settings, forcePathStyle: true });
  });

  afterEach(() => {
    proxy.heal();
    proxy.resetCounts();
  });

  afterAll(async () => {
    for (const client of [sqs, sns, s3]) client.destroy();
    await proxy.close();
    await proxy.close();
  });

  const fresh = async (name: string): Promise<void> => {
    QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: `proxied-${name}` }))).QueueUrl!;
  };
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (): Promise<readonly Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))).Messages ?? [];
  const failure = (work: Promise<unknown>): Promise<Record<string, unknown>> =>
    work.then(
      () => Promise.reject(new Error('it did not fail')),
      (error: unknown) => error as Record<string, unknown>,
    );

  it('passes every call on and counts it by operation', async () => {
    await fresh('counted');
    await send('one');
    expect((await receive()).map(({ Body }) => Body)).toEqual(['one']);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'proxied' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'two' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'proxied' }));
    await s3.send(new PutObjectCommand({ Bucket: 'proxied', Key: 'k', Body: Buffer.alloc(3_000_000, 'x') }));
    const object = await s3.send(new GetObjectCommand({ Bucket: 'proxied', Key: 'k' }));
    expect((await object.Body!.transformToByteArray()).length).toBe(3_000_000);
    const once = { calls: 1, units: 1, faulted: 0 };
    expect(proxy.counts).toMatchObject({
      CreateQueue: once,
      SendMessage: once,
      ReceiveMessage: once,
      CreateTopic: once,
      Publish: once,
      PutObject: once,
      GetObject: once,
    });
  });

  it('counts a request of 64 KB of payload as one unit, of a byte more as two, and so a receive', async () => {
    await fresh('units');
    await send('x'.repeat(64 * 1024));
    await send('"'.repeat(64 * 1024)); // twice as long on the wire
    expect(proxy.counts).toMatchObject({ SendMessage: { calls: 2, units: 2 } });
    await send('x'.repeat(64 * 1024 + 1));
    expect(proxy.counts).toMatchObject({ SendMessage: { calls: 3, units: 4 } });
    expect(await receive()).toHaveLength(3);
    expect(proxy.counts['ReceiveMessage']).toMatchObject({ calls: 1, units: 4 }); // 3 × 64 KB and a byte
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'units' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'ü'.repeat(32 * 1024) }));
    expect(proxy.counts['Publish']).toMatchObject({ calls: 1, units: 1 });
    await sns.send(new PublishCommand({ TopicArn, Message: 'ü'.repeat(40 * 1024) }));
    expect(proxy.counts['Publish']).toMatchObject({ calls: 2, units: 3 });
  });

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
    await fresh('errors');
    const injected = proxy.inject('SendMessage', awsFaults.error(awsErrors[error]), { times: 1 });
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
    expect(proxy.counts['SendMessage']).toEqual({ calls: 1, units: 0, faulted: 1 });
    await send('accepted');
    for (const { ReceiptHandle } of await receive())
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle }] }));
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
    proxy.inject('Publish', awsFaults.error(awsErrors[error]));
    const failed = await failure(sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: 'no' })));
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
    proxy.inject(['GetObject', 'PutObject'], awsFaults.error(awsErrors[error]));
    const got = await failure(s3.send(new GetObjectCommand({ Bucket: 'proxied', Key: 'k' })));
    expect(got).toMatchObject({ name, $metadata: { httpStatusCode } });
    const put = await failure(s3.send(new PutObjectCommand({ Bucket: 'proxied', Key: 'k', Body: Buffer.alloc(100_000) })));
    expect(put).toMatchObject({ name });
  });

  it('refuses, aloud and not as AWS would, an error that the service does not have', async () => {
    proxy.inject('*', awsFaults.error(awsErrors.overLimit));
    const failed = await failure(sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:1:t', Message: 'no' })));
    expect(failed).toMatchObject({ $metadata: { httpStatusCode: 501 } });
    const answer = await fetch(proxy.url, { method: 'POST', body: new URLSearchParams({ Action: 'Publish' }) });
    expect(await answer.text()).toContain('query of AWS has no such error: as many messages in flight');
  });

  it('fails the chosen entries of the batches of SQS and passes the others on', async () => {
    await fresh('batches');
    const entries = ['a', 'b', 'c'].map((Id) => ({ Id, MessageBody: `body ${Id}` }));
    const second = awsFaults.entries(awsEntryErrors.internal, (_, index) => index === 1);
    proxy.inject(['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'], second);
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }));
    expect(sent.Successful!.map(({ Id }) => Id)).toEqual(['a', 'c']);
    const failed = [{ Id: 'b', SenderFault: false, Code: 'InternalError', Message: 'Internal Error' }];
    expect(sent.Failed).toEqual(failed);
    const messages = await receive();
    expect(messages.map(({ Body }) => Body)).toEqual(['body a', 'body c']);
    const handles = messages.map(({ ReceiptHandle }, index) => ({ Id: 'ab'[index]!, ReceiptHandle: ReceiptHandle! }));
    const changes = handles.map((handle) => ({ ...handle, VisibilityTimeout: 0 }));
    const changed = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: changes }));
    expect(changed).toMatchObject({ Successful: [{ Id: 'a' }], Failed: failed });
    const [again] = await receive();
    expect(again?.Body).toBe('body a');
    const deletions = [{ Id: 'a', ReceiptHandle: again!.ReceiptHandle! }, handles[1]!];
    expect(await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: deletions }))).toMatchObject({
      Successful: [{ Id: 'a' }],
      Failed: failed,
    });
    expect(proxy.counts['DeleteMessageBatch']).toEqual({ calls: 1, units: 1, faulted: 1 });
  });

  it('answers a batch that fails as a whole, entry by entry, without passing it on', async () => {
    await fresh('all-fail');
    proxy.inject('SendMessageBatch', awsFaults.entries(awsEntryErrors.throttled));
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'x', MessageBody: 'x' }] }));
    expect(sent).toMatchObject({ Successful: [], Failed: [{ Id: 'x', SenderFault: true, Code: 'RequestThrottled' }] });
    expect(await receive()).toEqual([]);
  });

  it('fails the chosen entries of a PublishBatch and passes the others on, attributes included', async () => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'batches' }));
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'test' } };
    const PublishBatchRequestEntries = ['a', 'b', 'c'].map((Id) => ({ Id, Message: `body ${Id}`, MessageAttributes }));
    const publish = () => sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    proxy.inject(
      'PublishBatch',
      awsFaults.entries(awsEntryErrors.invalidParameter, (id) => id !== 'c'),
      { times: 1 },
    );
    const partly = await publish();
    expect(partly.Successful!.map(({ Id }) => Id)).toEqual(['c']);
    const failed = (Id: string) => ({ Id, SenderFault: true, Code: 'InvalidParameterValue', Message: expect.any(String) });
    expect(partly.Failed).toEqual([failed('a'), failed('b')]);
    proxy.inject('PublishBatch', awsFaults.entries(awsEntryErrors.internal), { times: 1 });
    const none = await publish();
    expect(none.Successful ?? []).toEqual([]);
    expect(none.Failed!.map(({ Id }) => Id)).toEqual(['a', 'b', 'c']);
  });

  it('resets the link before a call is done, or after it was done, which its sender cannot tell apart', async () => {
    await fresh('unknown');
    proxy.inject('SendMessage', awsFaults.reset, { times: 1 });
    proxy.inject('SendMessage', awsFaults.loseReply, { times: 1 });
    for (const body of ['never there', 'there']) expect(await failure(send(body))).toMatchObject({ code: 'ECONNRESET' });
    expect((await receive()).map(({ Body }) => Body)).toEqual(['there']);
    expect(proxy.counts['SendMessage']).toEqual({ calls: 2, units: 1, faulted: 2 });
  });

  it('stops answering: the call was not done, or was done, and nothing is heard until the client gives up', async () => {
    await fresh('silent');
    const silences = [awsFaults.silence, awsFaults.loseReplySilently].map((fault) =>
      proxy.inject('SendMessage', fault, { times: 1 }),
    );
    for (const [index, MessageBody] of ['not done', 'done'].entries()) {
      const patience = new AbortController();
      const sent = failure(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }), { abortSignal: patience.signal }));
      await silences[index]!.met;
      const done: Message[] = [];
      while (MessageBody === 'done' && done.length === 0) done.push(...(await receive()));
      patience.abort();
      expect(await sent).toMatchObject({ name: 'AbortError' });
      expect(done.map(({ Body }) => Body)).toEqual(MessageBody === 'done' ? ['done'] : []);
    }
    expect(await receive()).toEqual([]);
  });

  it('chooses calls by what they carry, and as often as it is told', async () => {
    await fresh('chosen');
    const precious = proxy.inject(
      ({ operation, input }) => operation === 'SendMessage' && input['MessageBody'] === 'precious',
      awsFaults.reset,
    );
    const third = proxy.inject(({ number }) => number === 3, awsFaults.reset);
    await send('cheap');
    await failure(send('precious'));
    await failure(send('third'));
    precious.remove();
    await send('precious');
    expect([precious.hits, third.hits]).toEqual([1, 1]);
  });

  it('answers later when AWS is slow, and adds the latency to every call', async () => {
    await fresh('late');
    const began = performance.now();
    proxy.set({ latencyMs: 20 });
    await send('one');
    proxy.inject('SendMessage', awsFaults.slow(20));
    await send('two');
    expect(performance.now() - began).toBeGreaterThan(58); // a timer may be a millisecond early
    expect(() => proxy.set({ latencyMs: -1 })).toThrow(RangeError);
  });

  it('stands in front of a FaultProxy, and resets the call when the link behind it is cut', async () => {
    await using link = await FaultProxy.inFrontOf(aws.url);
    await using front = await AwsFaultProxy.inFrontOf(link.url(aws.url));
    const client = new SQSClient({ endpoint: front.url, region: aws.region, credentials: aws.credentials, maxAttempts: 1 });
    await fresh('behind');
    const cut = link.cutWhen((direction, chunk) => direction === 'up' && chunk.includes('precious'));
    expect(await failure(client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'precious' })))).toMatchObject({
      code: 'ECONNRESET',
    });
    await cut;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'healed' }));
    link.set({ refuse: true });
    link.cutAll();
    expect(
      await failure(client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'x', VisibilityTimeout: 0 }))),
    ).toMatchObject({
      code: 'ECONNRESET',
    });
    client.destroy();
  });

  it('tells whoever waits for a fault that it was closed before', async () => {
    const other = await AwsFaultProxy.inFrontOf(aws.url);
    const never = other.inject('SendMessage', awsFaults.reset);
    await other.close();
    await expect(never.met).rejects.toThrow('closed before a call came for: the link breaks');
  });
});

it('ends the call to AWS when its client has gone, so that no message goes to nobody', async () => {
  const upstream = createServer();
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  await using proxy = await AwsFaultProxy.inFrontOf(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
  const patience = new AbortController();
  const poll = fetch(proxy.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    signal: patience.signal,
  });
  const ended = expect(poll).rejects.toThrow('aborted');
  const [incoming] = (await once(upstream, 'request')) as [IncomingMessage];
  patience.abort();
  await once(incoming.socket, 'close');
  await ended;
  upstream.close();
});
