import { DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Aws, type AwsCall, AwsFaultProxy, awsEntryErrors, awsErrors, awsFaults } from '@omnibus/brokers';
import type { Controls } from '@omnibus/conformance';
import { backstopOf, queueName } from '@omnibus/sqs';
import { sns } from '../src/index.js';

/** How long a receive of the suite waits: a stop waits as long, and there are hundreds of them. */
export const WAIT_MS = 1_000;

const SHORT_LOCK_MS = 2_000;

const ACCOUNT = '000000000000'; // the emulator's only one

interface Entry {
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

/**
 * What the suite may do to SNS and SQS besides using the transport: by plain clients, by signals where the emulator is ours, and by a
 * proxy that stands for what no emulator does: IAM's refusals, a queue that is full (which SQS has not: it fails those entries by its
 * own fault), answers that do not come. What is due it has seen being sent.
 */
export async function snsControls({ url: target, region, credentials, control }: Aws) {
  const proxy = await AwsFaultProxy.inFrontOf(target);
  const { url } = proxy;
  const client = new SQSClient({ endpoint: target, region, credentials });
  const topics = new SNSClient({ endpoint: target, region, credentials });
  const sent: { readonly queue: string; readonly due: number }[] = [];

  const queueOf = ({ input }: AwsCall): string => String(input['QueueUrl']).split('/').at(-1) ?? '';
  const entriesOf = ({ input }: AwsCall): readonly Entry[] => (input['Entries'] ?? []) as readonly Entry[];
  /** Sees every call of an operation, and takes none. */
  const watch = (operation: string, see: (call: AwsCall) => void): void => {
    const look = (call: AwsCall): boolean => {
      if (call.operation === operation) see(call);
      return false;
    };
    proxy.inject(look, awsFaults.reset);
  };
  watch('SendMessageBatch', (call) => {
    for (const entry of entriesOf(call)) {
      const due = dueOf(entry);
      if (due !== undefined) sent.push({ queue: queueOf(call), due });
    }
  });

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
  const countIn = async (QueueUrl: string): Promise<number> => {
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesNotVisible: held } = Attributes;
    return Number(ready ?? 0) + Number(held ?? 0) + Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0);
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
      const counts = await Promise.all((await urlsOf(address)).map(countIn));
      return counts.reduce((sum, each) => sum + each, 0);
    },
    async remove({ kind, address }) {
      if (kind === 'topic') return removeTopic(address);
      for (const one of new Set([address, backstopOf(address) ?? address]))
        for (const QueueUrl of await urlsOf(one)) await client.send(new DeleteQueueCommand({ QueueUrl })).catch(() => undefined);
    },
    async makeSmallQueue(address, messages) {
      const QueueName = queueName(address, false);
      await client.send(new CreateQueueCommand({ QueueName }));
      let left = messages;
      watch('DeleteMessageBatch', (call) => {
        if (queueOf(call) === QueueName) left += entriesOf(call).length;
      });
      let fitting = 0; // of the call that is being looked at
      const isTooMuch = (call: AwsCall): boolean => {
        if (call.operation !== 'SendMessageBatch' || queueOf(call) !== QueueName) return false;
        fitting = Math.min(left, entriesOf(call).length);
        left -= fitting;
        return fitting < entriesOf(call).length;
      };
      proxy.inject(
        isTooMuch,
        awsFaults.entries(awsEntryErrors.internal, (_, index) => index >= fitting),
      );
    },
    async holdSends() {
      const held = proxy.inject(['SendMessageBatch', 'PublishBatch'], awsFaults.silence);
      return { release: async () => held.remove() };
    },
    async due(address) {
      const parked = queueName(`${address}.wait`, false);
      const now = Date.now();
      const waiting = sent.filter(
        ({ queue, due }) => due > now && (queue === queueName(address, false) || queue.startsWith(parked)),
      );
      return waiting.map(({ due }) => due).toSorted((one, other) => one - other);
    },
    async denyCreation() {
      const denied = proxy.inject(['CreateQueue', 'CreateTopic', 'Subscribe'], awsFaults.error(awsErrors.accessDenied));
      return { restore: async () => denied.remove() };
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
    url,
    async close() {
      client.destroy();
      topics.destroy();
      await proxy.close();
    },
  };
}

/** When a message is due that is being sent: its own time where it is parked, else its delay's end. */
function dueOf({ DelaySeconds = 0, MessageAttributes = {} }: Entry): number | undefined {
  const packed = MessageAttributes['omnibus-headers']?.StringValue ?? '{}';
  const parked = MessageAttributes['omnibus-due']?.StringValue ?? (JSON.parse(packed) as Record<string, string>)['omnibus-due'];
  if (parked !== undefined) return Number(parked);
  return DelaySeconds === 0 ? undefined : Date.now() + DelaySeconds * 1_000;
}
