import { readFileSync } from 'node:fs';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { startOwn } from '../src/broker.js';
import { until } from '../src/deadline.js';
import { elasticmq } from '../src/elasticmq.js';
import { processesThatName } from './support/leftovers.js';

const own = await startOwn('elasticmq');
const why = own.available ? '' : ` [not run: ${own.reason}]`;

describe.skipIf(!own.available)(`an ElasticMQ of one's own${why}`, () => {
  if (!own.available) return it('is not run');
  const control = own.control!;
  const { url: endpoint, region, credentials } = own;
  const sqs = new SQSClient({ endpoint, region, credentials, maxAttempts: 1 });

  const queue = async (QueueName: string, Attributes = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
  const fifo = (name: string): Promise<string> => queue(`${name}.fifo`, { FifoQueue: 'true' });
  const send = (QueueUrl: string, MessageBody: string, MessageGroupId?: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        ...(MessageGroupId !== undefined && { MessageGroupId, MessageDeduplicationId: MessageBody }),
      }),
    );
  const receive = async (QueueUrl: string, more = {}): Promise<readonly Message[]> => {
    const wants = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
    return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...wants, ...more }))).Messages ?? [];
  };
  const bodies = (messages: readonly Message[]): readonly (string | undefined)[] => messages.map(({ Body }) => Body);

  it('gives several messages of a FIFO group at once, and no more of it while any of them is in flight', async () => {
    const QueueUrl = await fifo('groups');
    for (const body of ['a1', 'a2', 'a3']) await send(QueueUrl, body, 'a');
    await send(QueueUrl, 'b1', 'b');
    const held = await receive(QueueUrl, { MaxNumberOfMessages: 2 });
    expect(bodies(held)).toEqual(['a1', 'a2']);
    expect(bodies(await receive(QueueUrl))).toEqual(['b1']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: held[0]!.ReceiptHandle! }));
    expect(await receive(QueueUrl)).toEqual([]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: held[1]!.ReceiptHandle! }));
    expect(bodies(await receive(QueueUrl))).toEqual(['a3']);
  });

  it('moves messages back from their dead-letter queue by a move task', async () => {
    const dead = await queue('dead');
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
    const SourceArn = Attributes!['QueueArn']!;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: '1' });
    const source = await queue('source', { RedrivePolicy });
    await send(source, 'twice');
    await receive(source, { VisibilityTimeout: 0 });
    await until(10_000, 'it is dead', async () => {
      expect(await receive(source)).toEqual([]);
      expect(bodies(await receive(dead, { VisibilityTimeout: 0 }))).toEqual(['twice']);
    });
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    expect(bodies(await receive(source, { WaitTimeSeconds: 10 }))).toEqual(['twice']);
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect(Results).toMatchObject([{ ApproximateNumberOfMessagesMoved: 1 }]);
  });

  it('keeps messages and their order over SIGKILL and over a graceful restart, at the same URL', async () => {
    const QueueUrl = await fifo('durable');
    for (const body of ['1', '2', '3']) await send(QueueUrl, body, 'one');
    await control.kill();
    await expect(receive(QueueUrl)).rejects.toThrow('ECONNREFUSED');
    await control.restart();
    await control.restart();
    expect(bodies(await receive(QueueUrl))).toEqual(['1', '2', '3']);
  });

  it('leaves no process', async () => {
    const mine = processesThatName('elasticmq.conf').filter((line) => parentOf(line) === process.pid);
    expect(mine).toEqual([expect.stringContaining('java')]);
    await own.dispose();
    await until(5_000, 'it has ended', async () => expect(processesThatName('elasticmq.conf')).not.toContain(mine[0]));
  });

  afterAll(async () => {
    sqs.destroy();
    await own.dispose();
  });
});

/** The process that started the one of this line. */
function parentOf(line: string): number {
  const status = readFileSync(`/proc/${line.split(' ')[0]}/status`, 'utf8');
  return Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
}

it('says of an ElasticMQ of the environment that does not answer which variable names it', async () => {
  await expect(elasticmq.attach('http://127.0.0.1:1', {})).rejects.toThrow('nothing answers at OMNIBUS_ELASTICMQ_URL');
});
