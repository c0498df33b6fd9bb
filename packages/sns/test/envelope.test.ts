import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { channel, message, subscription, unique } from '@omnibus/brokers/seam-objects';
import type { Delivery, Receiver } from '@omnibus/core/transport';
import { queueName, toWire } from '@omnibus/sqs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openEnvelope } from '../src/envelope.js';
import { openingEnvelopes } from '../src/receiver.js';
import { aws, connected, consume, notRun, plainSns, plainSqs, queueArn, queueUrl, topicArn } from './aws.js';

/** An envelope as AWS's documentation shows it ("Amazon SNS message and JSON formats"). */
const ENVELOPE = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
  Subject: 'My First Message',
  Message: 'Hello world!',
  Timestamp: '2012-05-02T00:54:06.655Z',
  SignatureVersion: '1',
  Signature: 'EXAMPLEw6JRN...',
  SigningCertURL: 'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem',
  UnsubscribeURL: 'https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe',
  MessageAttributes: {
    city: { Type: 'String', Value: 'Köln' },
    sizes: { Type: 'String.Array', Value: '["s",1]' },
    total: { Type: 'Number', Value: '12.5' },
    raw: { Type: 'Binary', Value: Buffer.from('ok').toString('base64') },
  },
};

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** What a receiver gives for one message of a queue that has this body. */
async function received(body: Buffer, facts: Partial<Delivery> = {}, attributes?: object): Promise<Delivery> {
  const given: Delivery = {
    ...message({ id: 'sqs-id', type: '', contentType: '', time: 7, body }),
    deliveries: 1,
    partition: undefined,
    position: undefined,
    lockedUntil: 1,
    lease: undefined,
    receipt: undefined,
    native: {
      MessageId: 'sqs-id',
      Body: body.toString(),
      ...(attributes === undefined ? {} : { MessageAttributes: attributes }),
    },
    ...facts,
  };
  const inner = { receive: async () => [given] } as Partial<Receiver> as Receiver;
  return (await openingEnvelopes(inner).receive(1, new AbortController().signal))[0]!;
}

describe("SNS's envelope", () => {
  it('is opened: message, attributes, subject, id and time', async () => {
    const { native: _, ...delivery } = await received(bytes(ENVELOPE), { key: 'of the queue' });
    expect(delivery).toMatchObject({
      id: ENVELOPE.MessageId,
      time: Date.parse(ENVELOPE.Timestamp),
      type: '',
      headers: { subject: 'My First Message', city: 'Köln', sizes: '["s",1]', total: '12.5', raw: 'ok' },
    });
    expect(Buffer.from(delivery.body).toString()).toBe('Hello world!');
  });

  it('gives back our own messages as they were sent', async () => {
    const sent = message({
      id: 'ours',
      key: 'k',
      headers: { tenant: 'a', 'omnibus-attempts': '2' },
      body: Buffer.from([0, 1, 255]),
    });
    const { body, attributes } = toWire(sent);
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue }]) => [name, { Type: DataType, Value: StringValue }]),
    );
    const { Subject: _, ...rest } = ENVELOPE;
    const delivery = await received(bytes({ ...rest, Message: body, MessageAttributes }));
    expect(delivery).toMatchObject({ ...sent, body: expect.anything() });
    expect(Buffer.from(delivery.body)).toEqual(sent.body);
    expect(delivery).toMatchObject({ lockedUntil: 1, deliveries: 1 });
  });

  it.each([
    ['no Type', { ...ENVELOPE, Type: undefined }],
    ['another Type', { ...ENVELOPE, Type: 'SubscriptionConfirmation' }],
    ['no signature', { ...ENVELOPE, Signature: undefined }],
    ['no certificate', { ...ENVELOPE, SigningCertURL: undefined }],
    ['no time', { ...ENVELOPE, Timestamp: 'yesterday' }],
    ['a topic that is none', { ...ENVELOPE, TopicArn: 'arn:aws:sqs:us-west-2:123456789012:MyQueue' }],
    ['a message that is no text', { ...ENVELOPE, Message: { hello: 'world' } }],
    ['attributes that are none', { ...ENVELOPE, MessageAttributes: { city: 'Köln' } }],
    ['a list', [ENVELOPE]],
  ])('is left alone where it may be something else: %s', async (_, value) => {
    const body = bytes(value);
    expect(openEnvelope(body)).toBeUndefined();
    const delivery = await received(body);
    expect(delivery).toMatchObject({ id: 'sqs-id', time: 7 });
    expect(delivery.body).toBe(body);
  });

  it('is left alone where the message has attributes of its own: somebody sent an envelope as a payload', async () => {
    const body = bytes(ENVELOPE);
    expect((await received(body, {}, { 'ce-type': { DataType: 'String', StringValue: 'x' } })).body).toBe(body);
  });

  it('is never seen in what is none, and never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (body) => openEnvelope(body) === undefined));
    fc.assert(fc.property(fc.jsonValue(), (value) => openEnvelope(bytes({ SigningCertURL: value, Type: value })) === undefined));
  });
});

describe.skipIf(!aws.available)(`what others publish${notRun}`, () => {
  it("is read through a subscription without raw delivery, on a group's queue and on a plain one", async () => {
    const orders = channel('topic', unique('orders'));
    const group = subscription(orders, { group: 'shipping' });
    const plain = subscription(channel('queue', unique('plain')));
    const made = await connected({}, group, plain);
    const theirs = unique('theirs').replace('.', '-');
    await plainSns.send(new CreateTopicCommand({ Name: theirs }));
    for (const address of [group.address, plain.address])
      await plainSns.send(
        new SubscribeCommand({ TopicArn: topicArn(theirs), Protocol: 'sqs', Endpoint: queueArn(queueName(address, false)) }),
      );
    await plainSns.send(
      new PublishCommand({
        TopicArn: topicArn(theirs),
        Message: '{"total":1}',
        Subject: 'A subject',
        MessageAttributes: { 'ce-type': { DataType: 'String', StringValue: 'order.placed' } },
      }),
    );
    for (const end of [group, plain]) {
      const [delivery] = await consume(await made.receiver(end), 1);
      expect(delivery).toMatchObject({ type: 'order.placed', headers: { subject: 'A subject' } });
      expect(Buffer.from(delivery!.body).toString()).toBe('{"total":1}');
    }
    const body = 'bare';
    await plainSqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queueName(plain.address, false)), MessageBody: body }));
    expect(Buffer.from((await consume(await made.receiver(plain), 1))[0]!.body).toString()).toBe(body);
  });
});
