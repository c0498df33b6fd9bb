import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityCommand, type Message, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, inject, it } from 'vitest';
import { AwsFaultProxy } from '../src/aws-fault-proxy.js';
import { awsFaults } from '../src/aws-faults.js';
import { FaultProxy } from '../src/fault-proxy.js';
import type {} from '../src/vitest-setup.js';
import { AwsBench, failure } from './support/aws-bench.js';

const aws = inject('aws');
const why = aws.available ? '' : ` [not run: ${aws.reason}]`;

describe.skipIf(!aws.available)(`an AWS behind a proxy${why}`, () => {
  if (!aws.available) return it('is not run');
  const bench = AwsBench.inFrontOf(aws);

  it('passes every call on and counts it by operation', async () => {
    const { send, receive } = await bench.queue('counted');
    await send('one');
    expect((await receive()).map(({ Body }) => Body)).toEqual(['one']);
    const { TopicArn } = await bench.sns.send(new CreateTopicCommand({ Name: 'proxied' }));
    await bench.sns.send(new PublishCommand({ TopicArn, Message: 'two' }));
    await bench.s3.send(new CreateBucketCommand({ Bucket: 'proxied' }));
    await bench.s3.send(new PutObjectCommand({ Bucket: 'proxied', Key: 'k', Body: Buffer.alloc(3_000_000, 'x') }));
    const object = await bench.s3.send(new GetObjectCommand({ Bucket: 'proxied', Key: 'k' }));
    expect((await object.Body!.transformToByteArray()).length).toBe(3_000_000);
    const once = { calls: 1, units: 1, faulted: 0 };
    expect(bench.proxy.counts).toMatchObject({
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
    const { send, receive } = await bench.queue('units');
    await send('x'.repeat(64 * 1024));
    await send('"'.repeat(64 * 1024)); // twice as long on the wire
    expect(bench.proxy.counts).toMatchObject({ SendMessage: { calls: 2, units: 2 } });
    await send('x'.repeat(64 * 1024 + 1));
    expect(bench.proxy.counts).toMatchObject({ SendMessage: { calls: 3, units: 4 } });
    expect(await receive()).toHaveLength(3);
    expect(bench.proxy.counts['ReceiveMessage']).toMatchObject({ calls: 1, units: 4 }); // 3 × 64 KB and a byte
    const { TopicArn } = await bench.sns.send(new CreateTopicCommand({ Name: 'units' }));
    await bench.sns.send(new PublishCommand({ TopicArn, Message: 'ü'.repeat(32 * 1024) }));
    expect(bench.proxy.counts['Publish']).toMatchObject({ calls: 1, units: 1 });
    await bench.sns.send(new PublishCommand({ TopicArn, Message: 'ü'.repeat(40 * 1024) }));
    expect(bench.proxy.counts['Publish']).toMatchObject({ calls: 2, units: 3 });
  });

  it('resets the link before a call is done, or after it was done, which its sender cannot tell apart', async () => {
    const { send, receive } = await bench.queue('unknown');
    bench.proxy.inject('SendMessage', awsFaults.reset, { times: 1 });
    bench.proxy.inject('SendMessage', awsFaults.loseReply, { times: 1 });
    for (const body of ['never there', 'there']) expect(await failure(send(body))).toMatchObject({ code: 'ECONNRESET' });
    expect((await receive()).map(({ Body }) => Body)).toEqual(['there']);
    expect(bench.proxy.counts['SendMessage']).toEqual({ calls: 2, units: 1, faulted: 2 });
  });

  it('stops answering: the call was not done, or was done, and nothing is heard until the client gives up', async () => {
    const { QueueUrl, receive } = await bench.queue('silent');
    const silences = [awsFaults.silence, awsFaults.loseReplySilently].map((fault) =>
      bench.proxy.inject('SendMessage', fault, { times: 1 }),
    );
    for (const [index, MessageBody] of ['not done', 'done'].entries()) {
      const patience = new AbortController();
      const sent = failure(bench.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }), { abortSignal: patience.signal }));
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
    const { send } = await bench.queue('chosen');
    const precious = bench.proxy.inject(
      ({ operation, input }) => operation === 'SendMessage' && input['MessageBody'] === 'precious',
      awsFaults.reset,
    );
    const third = bench.proxy.inject(({ number }) => number === 3, awsFaults.reset);
    await send('cheap');
    await failure(send('precious'));
    await failure(send('third'));
    precious.remove();
    await send('precious');
    expect([precious.hits, third.hits]).toEqual([1, 1]);
  });

  it('answers later when AWS is slow, and adds the latency to every call', async () => {
    const { send } = await bench.queue('late');
    const began = performance.now();
    bench.proxy.set({ latencyMs: 20 });
    await send('one');
    bench.proxy.inject('SendMessage', awsFaults.slow(20));
    await send('two');
    expect(performance.now() - began).toBeGreaterThan(58); // a timer may be a millisecond early
    expect(() => bench.proxy.set({ latencyMs: -1 })).toThrow(RangeError);
  });

  it('stands in front of a FaultProxy, and resets the call when the link behind it is cut', async () => {
    await using link = await FaultProxy.inFrontOf(aws.url);
    await using front = await AwsFaultProxy.inFrontOf(link.url(aws.url));
    const client = new SQSClient({ endpoint: front.url, region: aws.region, credentials: aws.credentials, maxAttempts: 1 });
    const { QueueUrl } = await bench.queue('behind');
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
