import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Aws } from '@omnibus/brokers';
import type { Controls } from '@omnibus/conformance';
import { backstopOf, queueName, sqs } from '../src/index.js';
import { type Answer, awsProxy, type Call, refusal } from './aws-proxy.js';

/** How long a receive of the suite waits: a stop waits as long, and there are hundreds of them. */
export const WAIT_MS = 1_000;

const SHORT_LOCK_MS = 2_000;

interface Entry {
  readonly Id: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

/**
 * What the suite may do to SQS besides using the transport: by a plain client of its own, by signals where the emulator is ours, and by
 * a proxy that stands for what no emulator does: IAM's refusals, entries of a batch that fail (a queue that is full, which SQS has not,
 * refuses them as SQS refuses entries by its own fault), answers that are held up. What is due it has seen being sent.
 */
export async function sqsControls({ url: target, region, credentials, control }: Aws) {
  const proxy = await awsProxy(target);
  const { url } = proxy;
  const client = new SQSClient({ endpoint: target, region, credentials });
  const sent: { readonly queue: string; readonly due: number }[] = [];
  const small = new Map<string, { readonly room: number; busy: Promise<unknown> }>();

  const entriesOf = ({ input }: Call): readonly Entry[] => input['Entries'] as readonly Entry[];
  proxy.intercept(async (call) => {
    if (call.action === 'SendMessageBatch')
      for (const entry of entriesOf(call)) {
        const due = dueOf(entry);
        if (due !== undefined) sent.push({ queue: call.queue, due });
      }
    return undefined;
  });
  proxy.intercept(async (call, pass) => {
    const full = call.action === 'SendMessageBatch' ? small.get(call.queue) : undefined;
    if (full === undefined) return undefined;
    const answer = full.busy.then(() => sendWhatFits(call, pass, full.room));
    full.busy = answer.catch(() => undefined);
    return answer;
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
  const sendWhatFits = async (call: Call, pass: (call: Call) => Promise<Answer>, room: number): Promise<Answer> => {
    const left = Math.max(0, room - (await countIn(String(call.input['QueueUrl']))));
    const entries = entriesOf(call);
    const Failed = entries.slice(left).map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'full', SenderFault: false }));
    if (left === 0) return { status: 200, body: { Successful: [], Failed } };
    const answer = await pass({ ...call, input: { ...call.input, Entries: entries.slice(0, left) } });
    return { ...answer, body: { ...answer.body, Failed } };
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
    async remove({ address }) {
      for (const one of new Set([address, backstopOf(address) ?? address]))
        for (const QueueUrl of await urlsOf(one)) await client.send(new DeleteQueueCommand({ QueueUrl })).catch(() => undefined);
    },
    async makeSmallQueue(address, messages) {
      const QueueName = queueName(address, false);
      await client.send(new CreateQueueCommand({ QueueName }));
      small.set(QueueName, { room: messages, busy: Promise.resolve() });
    },
    async holdSends() {
      let release!: () => void;
      const released = new Promise<void>((resolve) => (release = resolve));
      const end = proxy.intercept(async (call, pass) => {
        if (call.action !== 'SendMessageBatch') return undefined;
        await released;
        return pass(call);
      });
      return {
        async release() {
          end();
          release();
        },
      };
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
      const end = proxy.intercept(async ({ action, queue }) =>
        action === 'CreateQueue'
          ? refusal('AccessDenied', `User is not authorized to perform: sqs:createqueue on resource: ${queue}`, 403)
          : undefined,
      );
      return { restore: async () => end() };
    },
    shortLock: {
      lockMs: SHORT_LOCK_MS,
      definition: () => sqs({ endpoint: url, region, credentials, waitMs: WAIT_MS, visibilityMs: SHORT_LOCK_MS }),
    },
    cutLinks: () => proxy.cut(),
    ...(control === undefined ? {} : { process: control }),
  };
  return {
    controls,
    url,
    async close() {
      client.destroy();
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
