import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Sent, StandInQueue, type Stored } from './stand-in-queue.js';

/** What the JSON protocol sends, of every operation that is answered. */
interface Asked {
  readonly QueueName: string;
  readonly QueueUrl?: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageAttributeNames?: readonly string[];
  readonly MaxNumberOfMessages?: number;
  readonly WaitTimeSeconds?: number;
  readonly VisibilityTimeout?: number;
  readonly ReceiptHandle: string;
  readonly Entries: readonly (Sent & {
    readonly Id: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout: number;
  })[];
}

type Answer = Readonly<Record<string, unknown>>;
type Attribute = { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string };

class Refusal extends Error {
  readonly type: string;
  readonly query: string;

  constructor(type: string, query: string, message: string) {
    super(message);
    this.type = type;
    this.query = query;
  }
}

const NO_QUEUE = new Refusal(
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'The specified queue does not exist.',
);
const ACCOUNT = '000000000000';

/**
 * SQS in memory, for benches where an emulator would be what is measured: the JSON protocol, standard and FIFO queues, long polls,
 * visibility, delay, batches. It stands for SQS's answers and their number, not for its redrive policies, limits, samples or rights.
 */
export class StandIn {
  readonly #queues = new Map<string, StandInQueue>();

  readonly listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
      try {
        if (operation === 'ReceiveMessage') this.#receive(asked, response);
        else reply(response, 200, this.#answer(operation, asked, request));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        response.setHeader('x-amzn-query-error', `${error.query};Sender`);
        reply(response, 400, { __type: `com.amazonaws.sqs#${error.type}`, message: error.message });
      }
    });
  };

  #answer(operation: string, asked: Asked, request: IncomingMessage): Answer {
    switch (operation) {
      case 'CreateQueue':
        if (!this.#queues.has(asked.QueueName)) this.#queues.set(asked.QueueName, new StandInQueue(asked.Attributes ?? {}));
        return { QueueUrl: `http://${request.headers.host}/${ACCOUNT}/${asked.QueueName}` };
      case 'GetQueueUrl':
        if (!this.#queues.has(asked.QueueName)) throw NO_QUEUE;
        return { QueueUrl: `http://${request.headers.host}/${ACCOUNT}/${asked.QueueName}` };
      case 'GetQueueAttributes':
        return { Attributes: this.#attributes(asked) };
      case 'SetQueueAttributes':
        for (const [name, value] of Object.entries(asked.Attributes ?? {})) this.#queue(asked).attributes.set(name, value);
        return {};
      case 'DeleteQueue':
        this.#queue(asked).close();
        this.#queues.delete(nameIn(asked));
        return {};
      case 'PurgeQueue':
        this.#queue(asked).purge();
        return {};
      case 'SendMessageBatch':
        return { Successful: asked.Entries.map((entry) => ({ Id: entry.Id, ...send(this.#queue(asked), entry) })) };
      case 'DeleteMessage':
        this.#queue(asked).delete(asked.ReceiptHandle);
        return {};
      case 'DeleteMessageBatch':
        for (const { ReceiptHandle } of asked.Entries) this.#queue(asked).delete(ReceiptHandle);
        return { Successful: asked.Entries.map(({ Id }) => ({ Id })) };
      case 'ChangeMessageVisibilityBatch':
        return this.#changeVisibility(asked);
      default:
        throw new Refusal(
          'UnsupportedOperation',
          'AWS.SimpleQueueService.UnsupportedOperation',
          `The stand-in has no ${operation}.`,
        );
    }
  }

  #receive(asked: Asked, response: ServerResponse): void {
    const queue = this.#queue(asked);
    const waitMs =
      asked.WaitTimeSeconds === undefined ? queue.ms('ReceiveMessageWaitTimeSeconds', 0) : asked.WaitTimeSeconds * 1_000;
    const hideMs = asked.VisibilityTimeout === undefined ? queue.ms('VisibilityTimeout', 30) : asked.VisibilityTimeout * 1_000;
    const poll = queue.receive(asked.MaxNumberOfMessages ?? 1, waitMs, hideMs, (messages) =>
      reply(response, 200, messages.length === 0 ? {} : { Messages: messages.map((message) => received(message, asked)) }),
    );
    response.on('close', () => poll.stop()); // nobody waits for it any more
  }

  #changeVisibility(asked: Asked): Answer {
    const queue = this.#queue(asked);
    const changed = asked.Entries.map(({ Id, ReceiptHandle, VisibilityTimeout }) => ({
      Id,
      done: queue.changeVisibility(ReceiptHandle, VisibilityTimeout),
    }));
    const failure = { SenderFault: true, Code: 'MessageNotInflight', Message: 'The message is not in flight.' };
    return {
      Successful: changed.filter(({ done }) => done).map(({ Id }) => ({ Id })),
      Failed: changed.filter(({ done }) => !done).map(({ Id }) => ({ Id, ...failure })),
    };
  }

  #attributes(asked: Asked): Answer {
    const queue = this.#queue(asked);
    const { visible, hidden } = queue.depth;
    return {
      ...Object.fromEntries(queue.attributes),
      QueueArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:${nameIn(asked)}`,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
    };
  }

  #queue(asked: Asked): StandInQueue {
    const queue = this.#queues.get(nameIn(asked));
    if (queue === undefined) throw NO_QUEUE;
    return queue;
  }
}

const nameIn = ({ QueueUrl = '' }: Asked): string => QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);

function reply(response: ServerResponse, status: number, answer: Answer): void {
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(answer));
}

function send(queue: StandInQueue, sent: Sent): Answer {
  const { id, bodyMd5, attributesMd5, sequence } = queue.send(sent, md5(sent.MessageBody), md5OfAttributes(sent));
  const number = sent.MessageGroupId === undefined ? {} : { SequenceNumber: String(sequence).padStart(20, '0') };
  return { MessageId: id, MD5OfMessageBody: bodyMd5, MD5OfMessageAttributes: attributesMd5, ...number };
}

/** As a receive gives it: of the attributes what was asked for. */
function received(message: Stored, asked: Asked): Answer {
  const { id, sent, bodyMd5, attributesMd5, receives } = message;
  const system: Answer = {
    ApproximateReceiveCount: String(receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SentTimestamp: String(message.sentAt),
    MessageGroupId: sent.MessageGroupId,
    MessageDeduplicationId: sent.MessageDeduplicationId,
  };
  const names = asked.MessageSystemAttributeNames ?? asked.AttributeNames ?? [];
  const wanted = names.includes('All') ? system : Object.fromEntries(names.map((name) => [name, system[name]]));
  const all = asked.MessageAttributeNames?.some((name) => name === 'All' || name === '.*') ?? false;
  return {
    MessageId: id,
    ReceiptHandle: `${id}.${receives}`,
    MD5OfBody: bodyMd5,
    Body: sent.MessageBody,
    Attributes: wanted,
    ...(all ? { MessageAttributes: sent.MessageAttributes, MD5OfMessageAttributes: attributesMd5 } : {}),
  };
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** As the SQS developer guide defines it: by name, each name, type and value with its length before it. */
function md5OfAttributes({ MessageAttributes }: Sent): string | undefined {
  const names = Object.keys(MessageAttributes ?? {}).toSorted();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue = '' } = MessageAttributes![name] as Attribute;
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.of(StringValue === undefined ? 2 : 1));
    add(StringValue === undefined ? Buffer.from(BinaryValue, 'base64') : Buffer.from(StringValue));
  }
  return hash.digest('hex');
}
