import { CreateQueueCommand, type MessageAttributeValue, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Controls, Harness } from '@omnibus/conformance';
import type { Aws } from '../aws.js';
import type { AwsCall } from '../aws-call.js';
import { awsEntryErrors, awsErrors } from '../aws-errors.js';
import { AwsFaultProxy } from '../aws-fault-proxy.js';
import { awsFaults } from '../aws-faults.js';
import { plainQueues } from './plain-queues.js';
import type { AwsReach, AwsSubject } from './subject.js';

/** How long a receive of the suite waits: a stop waits as long, and there are hundreds of them. */
const WAIT_MS = 1_000;

/** A call that is held up is made again after it. */
const CALL_MS = 3_000;

const SHORT_LOCK_MS = 2_000;

const EMULATOR =
  'fauxqs differs from SQS and SNS: one FIFO message of a group a receive, no IAM, no limits of messages in flight, deduplication for the whole queue';

const COUNTED =
  'SQS counts every time that it hands out a message, also what was given back: with retry: visibility that is an attempt, with retry: copy it is none';

interface Entry {
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

/** What the conformance of every transport on AWS has in common. */
export async function conformanceHarness(found: Aws, subject: AwsSubject) {
  const { close, ...about } = await awsControls(found, subject);
  const harness = {
    broker: `${found.version ?? 'AWS'}, ${found.how}`,
    ...(found.how === 'environment' ? {} : { emulator: EMULATOR }),
    ...about,
    deadlineMs: 60_000,
    volume: 200,
    countsGivenBack: COUNTED,
    linkless: true,
  } satisfies Partial<Harness>;
  return { harness, close };
}

/**
 * What the suite may do to SQS, and to SNS above it, besides using the transport: by a plain client, by signals where the emulator is
 * ours, and by a proxy that stands for what no emulator does: IAM's refusals, a queue that is full (which SQS has not: it fails those
 * entries by its own fault), answers that do not come. What is due it has seen being sent.
 */
async function awsControls(aws: Aws, subject: AwsSubject) {
  const { region, credentials, control } = aws;
  const { queueName, backstopOf } = subject;
  const proxy = await AwsFaultProxy.inFrontOf(aws.url);
  const reach: AwsReach = { endpoint: proxy.url, region, credentials, waitMs: WAIT_MS, callTimeoutMs: CALL_MS };
  const queues = plainQueues(aws, subject);
  const { client } = queues;
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

  const controls = {
    async publishForeign(address, { body, contentType, headers }) {
      const all = contentType === undefined ? headers : { ...headers, 'content-type': contentType };
      const attributes: Record<string, MessageAttributeValue> = {};
      for (const [name, StringValue] of Object.entries(all)) attributes[name] = { DataType: 'String', StringValue };
      const [QueueUrl] = await queues.urlsOf(address);
      await client.send(
        new SendMessageCommand({ QueueUrl, MessageBody: Buffer.from(body).toString('utf8'), MessageAttributes: attributes }),
      );
    },
    count: async (address) => (await queues.count(address)) ?? 0,
    async remove({ address }) {
      for (const one of new Set([address, backstopOf(address) ?? address])) await queues.remove(one).catch(() => undefined);
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
      definition: () => subject.define({ ...reach, visibilityMs: SHORT_LOCK_MS }),
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
  } satisfies Controls;
  return {
    controls,
    definition: () => subject.define(reach),
    close: async () => {
      queues.close();
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
