import { randomUUID } from 'node:crypto';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Channel, claimCheck, createApp, queue, topic } from '@omnibus/core';
import { sns } from '@omnibus/sns';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { aws, bucket, notRun, store } from './aws.js';
import { BYTES, large, pointer, pointerAsTheyReadIt, type Text, Texts } from './extended-form.js';

const reach = aws.available ? { endpoint: aws.url, region: aws.region, credentials: { ...aws.credentials } } : {};
const plainSqs = new SQSClient(reach);
const plainSns = new SNSClient(reach);
afterAll(() => [plainSqs, plainSns].forEach((client) => client.destroy()));

/** A service on SNS and SQS with a claim check, and plain clients beside it. */
async function service(producers: readonly Channel[]) {
  const kept = await bucket();
  const app = await createApp({
    config: { name: 'here', transports: { cloud: sns({ ...reach, waitMs: 1_000 }) }, default: 'cloud' },
    transports: [sns],
    producers,
    claimCheck: claimCheck({ store: store({ bucket: kept.name }) }),
  });
  onTestFinished(() => app.stop());
  return { app, kept };
}

const urlOf = async (name: string) => (await plainSqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
const attribute = (name: string) => ({ [name]: { DataType: 'Number', StringValue: String(BYTES) } });
const unique = (what: string) => `${what}-${randomUUID()}`;

describe.skipIf(!aws.available)(`large payloads on SQS and SNS${notRun}`, () => {
  test('over the limit of SQS itself, through a queue', async () => {
    const Inbox = queue(unique('inbox'), { messages: [Texts] });
    const { app, kept } = await service([Inbox]);
    const got: Text[] = [];
    app.consumer(Inbox).handle(Texts, (text) => void got.push(text));
    await app.start();
    const huge = { text: 'x'.repeat(3_000_000) };
    await app.producer(Inbox).send(Texts, huge);
    await vi.waitFor(() => expect(got.map(({ text }) => text.length)).toEqual([3_000_000]), 10_000);
    await vi.waitFor(async () => expect(await kept.keys()).toEqual([]), 10_000);
  });

  test('through a topic to two groups, and nothing is deleted', async () => {
    const News = topic(unique('news'), { messages: [Texts] });
    const { app, kept } = await service([News]);
    const got: string[] = [];
    for (const group of ['a', 'b'])
      app.consumer(News, { group }).handle(Texts, ({ text }) => void got.push(`${group} ${text.length}`));
    await app.start();
    await app.producer(News).send(Texts, large);
    await vi.waitFor(() => expect(got.toSorted()).toEqual(['a 150000', 'b 150000']), 10_000);
    await app.stop();
    expect(await kept.keys()).toHaveLength(1);
  });

  test('what the SQS client sends is read, and what we send is what it reads', async () => {
    const Inbox = queue(unique('inbox'), { messages: [Texts] });
    const { app, kept } = await service([Inbox]);
    await app.start();
    await app.producer(Inbox).send(Texts, large, { headers: { tenant: 'acme' } });
    const QueueUrl = await urlOf(Inbox.name);
    const { Messages: [raw] = [] } = await plainSqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], WaitTimeSeconds: 5 }),
    );
    expect(raw?.MessageAttributes).toMatchObject(attribute('ExtendedPayloadSize'));
    const headers = Object.fromEntries(
      Object.entries(raw?.MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [name, StringValue]),
    );
    const { s3BucketName, s3Key } = pointerAsTheyReadIt({ headers, body: Buffer.from(raw?.Body ?? '') });
    expect(s3BucketName).toBe(kept.name);
    expect(await kept.text(s3Key)).toBe(JSON.stringify(large));

    const Other = queue(unique('other'), { messages: [Texts] });
    const reader = await service([Other]);
    const got: unknown[] = [];
    reader.app.consumer(Other).handle(Texts, (text, context) => void got.push(text, { ...context.headers }));
    await reader.app.start();
    await reader.kept.put('k', JSON.stringify(large));
    await plainSqs.send(
      new SendMessageCommand({
        QueueUrl: await urlOf(Other.name),
        MessageBody: pointer(reader.kept.name, 'k'),
        MessageAttributes: { ...attribute('SQSLargePayloadSize'), tenant: { DataType: 'String', StringValue: 'acme' } },
      }),
    );
    await vi.waitFor(() => expect(got).toEqual([large, { tenant: 'acme' }]), 10_000);
    await vi.waitFor(async () => expect(await reader.kept.keys()).toEqual([]), 10_000);
  });

  test.each(['true', 'false'])('what the SNS client publishes is read, and kept for others: raw delivery %s', async (raw) => {
    const Inbox = queue(unique('inbox'), { messages: [Texts] });
    const { app, kept } = await service([Inbox]);
    const got: Text[] = [];
    app.consumer(Inbox).handle(Texts, (text) => void got.push(text));
    await app.start();
    const { TopicArn } = await plainSns.send(new CreateTopicCommand({ Name: unique('theirs') }));
    const Endpoint = `arn:aws:sqs:${aws.available ? aws.region : ''}:000000000000:${Inbox.name}`;
    await plainSns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: raw } }));
    await kept.put('k', JSON.stringify(large));
    await plainSns.send(
      new PublishCommand({ TopicArn, Message: pointer(kept.name, 'k'), MessageAttributes: attribute('ExtendedPayloadSize') }),
    );
    await vi.waitFor(() => expect(got).toEqual([large]), 10_000);
    await app.stop();
    expect(await kept.keys()).toEqual(['k']);
  });
});
