import { DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Aws } from '@omnibus/brokers';
import type { Controls } from '@omnibus/conformance';
import { backstopOf, queueName } from '@omnibus/sqs';
import { sns } from '../src/index.js';

/** How long a receive of the suite waits: a stop waits as long, and there are hundreds of them. */
export const WAIT_MS = 1_000;

const SHORT_LOCK_MS = 2_000;

const ACCOUNT = '000000000000'; // the emulator's only one

/** What the suite may do to SNS and SQS besides using the transport: by plain clients, and by signals where the emulator is ours. */
export function snsControls({ url, region, credentials, control }: Aws): { readonly controls: Controls; close(): void } {
  const client = new SQSClient({ endpoint: url, region, credentials });
  const topics = new SNSClient({ endpoint: url, region, credentials });

  /** Both queues that an address may have. */
  const urlsOf = async (address: string): Promise<readonly string[]> => {
    const urls: string[] = [];
    for (const isFifo of [false, true]) {
      try {
        const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName(address, isFifo) }));
        urls.push(QueueUrl!);
      } catch {
        // not made, or no name that SQS has
      }
    }
    return urls;
  };
  const removeTopic = async (address: string): Promise<void> => {
    for (const isFifo of [false, true]) {
      const TopicArn = `arn:aws:sns:${region}:${ACCOUNT}:${queueName(address, isFifo)}`;
      await topics.send(new DeleteTopicCommand({ TopicArn })).catch(() => undefined);
    }
  };

  const controls: Controls = {
    async publishForeign(address, { body, contentType, headers }) {
      const all = contentType === undefined ? headers : { ...headers, 'content-type': contentType };
      const attributes: Record<string, MessageAttributeValue> = {};
      for (const [name, StringValue] of Object.entries(all)) attributes[name] = { DataType: 'String', StringValue };
      const [QueueUrl] = await urlsOf(address);
      await client.send(
        new SendMessageCommand({ QueueUrl, MessageBody: Buffer.from(body).toString('utf8'), MessageAttributes: attributes }),
      );
    },
    async count(address) {
      let sum = 0;
      for (const QueueUrl of await urlsOf(address)) {
        const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
        sum += Number(Attributes.ApproximateNumberOfMessages ?? 0);
        sum += Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
        sum += Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0);
      }
      return sum;
    },
    async remove({ kind, address }) {
      if (kind === 'topic') return removeTopic(address);
      for (const one of [address, backstopOf(address) ?? address])
        for (const QueueUrl of await urlsOf(one)) await client.send(new DeleteQueueCommand({ QueueUrl })).catch(() => undefined);
    },
    shortLock: {
      lockMs: SHORT_LOCK_MS,
      definition: () => sns({ endpoint: url, region, credentials, waitMs: WAIT_MS, visibilityMs: SHORT_LOCK_MS }),
    },
    ...(control === undefined
      ? {}
      : {
          process: control,
          async cutLinks() {
            await control.stop();
            return { restore: () => control.restart() };
          },
        }),
  };
  return {
    controls,
    close() {
      client.destroy();
      topics.destroy();
    },
  };
}
