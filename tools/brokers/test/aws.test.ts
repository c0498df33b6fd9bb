import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  TagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { type Aws, aws } from '../src/aws.js';
import { startOwn } from '../src/broker.js';
import { until } from '../src/deadline.js';
import type { NotRun } from '../src/recipe.js';
import type { Shared } from '../src/shared.js';
import type {} from '../src/vitest-setup.js';
import { processesThatName } from './support/leftovers.js';

const why = (found: Shared<Aws> | Aws | NotRun): string => (found.available ? '' : ` [not run: ${found.reason}]`);

/** The settings of a client; one attempt, so that a failure is seen. */
const settings = ({ url, region, credentials }: Shared<Aws> | Aws) => ({ endpoint: url, region, credentials, maxAttempts: 1 });

const shared = inject('aws');

describe.skipIf(!shared.available)(`the AWS of this run${why(shared)}`, () => {
  if (!shared.available) return it('is not run');

  it('says where it came from, its version, and what to sign with', () => {
    expect(shared).toMatchObject({ name: 'aws', region: expect.any(String), credentials: { accessKeyId: expect.any(String) } });
    if (shared.how === 'embedded') expect(shared.version).toBe('fauxqs 2.4.1');
    expect(shared).not.toHaveProperty('control');
  });
});

const own = await startOwn('aws');

describe.skipIf(!own.available)(`an AWS of one's own${why(own)}`, () => {
  if (!own.available) return it('is not run');
  const control = own.control!;
  const sqs = new SQSClient(settings(own));
  const sns = new SNSClient(settings(own));
  const s3 = new S3Client({ ...settings(own), forcePathStyle: true });

  const queue = async (QueueName: string, Attributes = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
  const receive = async (QueueUrl: string, more = {}): Promise<readonly Message[]> => {
    const wants = { MaxNumberOfMessages: 10, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] } as const;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, ...wants, MessageSystemAttributeNames: ['All'], ...more }),
    );
    return Messages;
  };

  it('listens on loopback only', async () => {
    const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter((one) => !one.internal));
    for (const { address, scopeid } of others) {
      const host = scopeid === undefined || scopeid === 0 ? address : `${address}%${scopeid}`;
      const open = await new Promise<boolean>((resolve) => {
        const socket = connect({ host, port: Number(new URL(own.url).port) }, () => resolve(true));
        socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
      });
      expect(open, `${address} is open`).toBe(false);
    }
    expect(new URL(own.url).hostname).toBe('127.0.0.1');
  });

  it('fans a publish out to a queue, and keeps an object', async () => {
    const QueueUrl = await queue('fanned');
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'orders' }));
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes!['QueueArn'], Attributes: raw }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'order 17' }));
    expect((await receive(QueueUrl))[0]?.Body).toBe('order 17');
    await s3.send(new CreateBucketCommand({ Bucket: 'claims' }));
    await s3.send(new PutObjectCommand({ Bucket: 'claims', Key: 'a/b', Body: 'large' }));
    const object = await s3.send(new GetObjectCommand({ Bucket: 'claims', Key: 'a/b' }));
    expect(await object.Body!.transformToString()).toBe('large');
  });

  it('keeps messages, those in flight, counts and tags over SIGKILL and over a graceful restart, at the same URL', async () => {
    const QueueUrl = await queue('durable');
    for (const MessageBody of ['money', 'in flight', 'released'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const held = await receive(QueueUrl);
    const handleOf = (body: string): string => held.find(({ Body }) => Body === body)!.ReceiptHandle!;
    for (const body of ['money', 'released'])
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: handleOf(body), VisibilityTimeout: 0 }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'billing' } }));
    await control.kill();
    await expect(receive(QueueUrl)).rejects.toThrow('ECONNREFUSED');
    await control.restart();
    const again = await receive(QueueUrl);
    const counted = again.map(({ Body, Attributes }) => [Body, Attributes!['ApproximateReceiveCount']]);
    expect(counted).toEqual([
      ['money', '2'],
      ['released', '2'],
    ]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: handleOf('in flight') }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again[0]!.ReceiptHandle! }));
    await control.restart();
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: again[1]!.ReceiptHandle!, VisibilityTimeout: 0 }),
    );
    expect((await receive(QueueUrl)).map(({ Body }) => Body)).toEqual(['released']);
  });

  it('keeps the order of a FIFO group over SIGKILL', async () => {
    const QueueUrl = await queue('ordered.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    for (const MessageBody of ['1', '2', '3'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: 'one' }));
    await control.kill();
    await control.restart();
    const got: string[] = [];
    while (got.length < 3) {
      for (const { Body, ReceiptHandle } of await receive(QueueUrl)) {
        got.push(Body!);
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: ReceiptHandle! }));
      }
    }
    expect(got).toEqual(['1', '2', '3']);
  });

  it('does not answer while it is paused, and does when it is resumed', async () => {
    const QueueUrl = await queue('paused');
    await control.pause();
    const sent = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    const early = await Promise.race([sent.then(() => 'answered'), fetchFails(own.url)]);
    expect(early).toBe('silent');
    await control.resume();
    await sent;
    expect((await receive(QueueUrl))[0]?.Body).toBe('late');
  });

  it('stops although a long poll waits, and leaves no process and no directory', async () => {
    const QueueUrl = await queue('waiting');
    const poll = receive(QueueUrl, { WaitTimeSeconds: 20 }).then(
      () => 'ended',
      () => 'ended',
    );
    await control.stop();
    expect(await poll).toBe('ended');
    await control.restart();
    const port = `PORT=${new URL(own.url).port}`;
    const [line = ''] = processesThatName(port);
    const environment = readFileSync(`/proc/${line.split(' ')[0]}/environ`, 'utf8').split('\0');
    const directory = environment.find((entry) => entry.startsWith('HOME='))!.slice('HOME='.length);
    expect(existsSync(directory)).toBe(true);
    await own.dispose();
    await own.dispose();
    expect(existsSync(directory)).toBe(false);
    await until(5_000, 'every process has ended', async () => expect(processesThatName(port)).toEqual([]));
    await expect(control.restart()).rejects.toThrow('was disposed of');
  });

  afterAll(async () => {
    for (const client of [sqs, sns, s3]) client.destroy();
    await own.dispose();
  });
});

/** Resolves to 'silent' when nothing answered for 300 ms. */
async function fetchFails(url: string): Promise<string> {
  return fetch(url, { signal: AbortSignal.timeout(300) }).then(
    () => 'answered',
    () => 'silent',
  );
}

describe('an AWS of the environment', () => {
  it('that does not answer is an error, not a reason', async () => {
    await expect(aws.attach('http://127.0.0.1:1', {})).rejects.toThrow('nothing answers at OMNIBUS_AWS_URL, http://127.0.0.1:1');
  });

  it('that answers anything is taken as it is, without power over it', async () => {
    const server = createServer((_, response) => response.writeHead(403).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await aws.attach(url, {})).toMatchObject({ how: 'environment', url, control: undefined, version: undefined });
    server.closeAllConnections();
    server.close();
  });
});
