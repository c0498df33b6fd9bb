import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import {
  CreateQueueCommand,
  type Message,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { type Order, OrderPlaced, orderSchema, orders } from './contracts.js';
import type { HandlesOrders } from './handlers.js';
import { outstanding } from './send.js';

/** Most that a call of SQS takes. */
export const BATCH = 10;

const SOCKETS = 256; // more than any side has calls open

/** What sqs-consumer is given: one handler for all that a receive brings, or one for each message of it. */
export type Mode = 'handleMessageBatch' | 'handleMessage';

/** The native twin: the raw client of the AWS SDK, and sqs-consumer on it. */
export class SqsRaw implements Disposable {
  readonly #client: SQSClient;
  #queueUrl = '';
  #queues = 0;

  private constructor(client: SQSClient) {
    this.#client = client;
  }

  /** Opens a client, and makes the twin's queue. */
  static async open(endpoint: string): Promise<SqsRaw> {
    const client = new SQSClient({
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
      requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: SOCKETS }) },
    });
    const raw = new SqsRaw(client);
    await raw.renew();
    return raw;
  }

  /** Another queue: polls of stopped consumers may still be open on the last one, and what they get would be gone for a while. */
  async renew(): Promise<void> {
    const { QueueUrl = '' } = await this.#client.send(new CreateQueueCommand({ QueueName: `bench-twin-${++this.#queues}` }));
    this.#queueUrl = QueueUrl;
  }

  /** Validates, encodes and sends orders, ten a call, with so many calls open. */
  async send(count: number, callsOpen: number): Promise<void> {
    await outstanding(Math.ceil(count / BATCH), callsOpen, async (call) => {
      const numbers = Array.from({ length: Math.min(BATCH, count - call * BATCH) }, (_, index) => call * BATCH + index);
      const Entries = numbers.map((number, index) => entry(String(index), orders[number % orders.length]!));
      const { Failed = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`SendMessageBatch failed: ${Failed[0]?.Message}`);
    });
  }

  /**
   * Handles and deletes `count` messages by so many instances of sqs-consumer, as its README says for throughput: ten a receive. Each
   * instance receives again when all that it has received is handled and deleted, whatever its options.
   */
  async consume(handler: HandlesOrders, count: number, { mode, instances }: { mode: Mode; instances: number }): Promise<void> {
    const take = async (message: Message): Promise<Message> => {
      await handler.count(orderSchema.parse(JSON.parse(message.Body ?? '')));
      return message;
    };
    const handlers =
      mode === 'handleMessage'
        ? { handleMessage: take }
        : { handleMessageBatch: (messages: Message[]) => Promise.all(messages.map((message) => take(message))) };
    let deleted = 0;
    await new Promise<void>((resolve, reject) => {
      const consumers = Array.from({ length: instances }, () =>
        Consumer.create({
          sqs: this.#client,
          queueUrl: this.#queueUrl,
          batchSize: BATCH,
          messageAttributeNames: ['All'],
          messageSystemAttributeNames: ['All'],
          ...handlers,
        }),
      );
      const end = (): void => {
        for (const consumer of consumers) consumer.stop({ abort: true });
        resolve();
      };
      for (const consumer of consumers) {
        consumer.on('message_processed', () => ++deleted === count && end());
        consumer.on('error', (error) => deleted < count && reject(error));
        consumer.on('processing_error', reject);
        consumer.start();
      }
    });
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

/** The same body and attributes as ours. */
function entry(Id: string, order: Order): SendMessageBatchRequestEntry {
  const id = randomUUID();
  const envelope = {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': 'bench',
    'ce-time': new Date().toISOString(),
    'ce-correlationid': id,
    'content-type': 'application/json',
  };
  return {
    Id,
    MessageBody: JSON.stringify(orderSchema.parse(order)),
    MessageAttributes: {
      'ce-type': { DataType: 'String', StringValue: OrderPlaced.name },
      'omnibus-envelope': { DataType: 'String', StringValue: JSON.stringify(envelope) },
    },
  };
}
