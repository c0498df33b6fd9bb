import {
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Broker } from '@omnibus/conformance';
import { isMessagingError } from '@omnibus/core';
import type { Aws } from '../aws.js';
import type { AwsSubject } from './subject.js';

/** The queues behind addresses, standard and FIFO, by a plain client. */
export interface PlainQueues extends Pick<Broker, 'count' | 'ids' | 'remove'> {
  readonly client: SQSClient;
  urlsOf(address: string): Promise<readonly string[]>;
  close(): void;
}

/** What a test asks the queues of an AWS. */
export function plainQueues(
  { url, region, credentials }: Pick<Aws, 'url' | 'region' | 'credentials'>,
  { queueName }: Pick<AwsSubject, 'queueName'>,
): PlainQueues {
  const client = new SQSClient({ endpoint: url, region, credentials: { ...credentials } });
  const read = new Map<string, Set<string>>();

  const urlOf = async (address: string, isFifo: boolean): Promise<string | undefined> => {
    try {
      return (await client.send(new GetQueueUrlCommand({ QueueName: queueName(address, isFifo) }))).QueueUrl;
    } catch (error) {
      if ((error as Error).name === 'QueueDoesNotExist' || isMessagingError(error, 'TOPOLOGY')) return undefined;
      throw error;
    }
  };
  const urlsOf = async (address: string): Promise<readonly string[]> =>
    (await Promise.all([urlOf(address, false), urlOf(address, true)])).filter((each) => each !== undefined);
  const countIn = async (QueueUrl: string): Promise<number> => {
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesNotVisible: held } = Attributes;
    return Number(ready ?? 0) + Number(held ?? 0) + Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0);
  };
  /** Takes all that is there: a FIFO queue shows no more of a key while one of its messages is out. */
  const drain = async (QueueUrl: string, into: Set<string>): Promise<void> => {
    for (;;) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return;
      for (const { Body = '{}' } of Messages) into.add((JSON.parse(Body) as { readonly id: string }).id);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle: ReceiptHandle! }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };

  return {
    client,
    urlsOf,
    async count(address) {
      const urls = await urlsOf(address);
      if (urls.length === 0) return undefined;
      const counts = await Promise.all(urls.map(countIn));
      return counts.reduce((sum, each) => sum + each, read.get(address)?.size ?? 0);
    },
    async ids(address) {
      const ids = read.get(address) ?? new Set();
      read.set(address, ids); // they count as if they were still there
      for (const url of await urlsOf(address)) await drain(url, ids);
      return [...ids];
    },
    async remove(address) {
      for (const QueueUrl of await urlsOf(address)) await client.send(new DeleteQueueCommand({ QueueUrl }));
    },
    close: () => client.destroy(),
  };
}
