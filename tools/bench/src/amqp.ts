import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { type Order, OrderPlaced, orderSchema, WINDOW } from './contracts.js';
import type { OrderHandler } from './handlers.js';

/** The queue that the native twin works on, and where its dead letters go. */
export const TWIN = 'bench.twin';
const TWIN_DEAD = `${TWIN}.dead`;

/** The guarantees of ours, which the broker pays for: replicated, and a dead letter is neither lost nor handed out for ever. */
const QUORUM = { 'x-queue-type': 'quorum' } as const;
const SAFE = {
  ...QUORUM,
  'x-delivery-limit': 1_000,
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': TWIN_DEAD,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

/** The native twin: what one writes by hand with amqplib for the same bytes on the wire and the same guarantees. */
export class Amqp implements AsyncDisposable {
  readonly #connection: ChannelModel;
  readonly #publishing: ConfirmChannel;
  readonly #consuming: Channel;

  private constructor(connection: ChannelModel, publishing: ConfirmChannel, consuming: Channel) {
    this.#connection = connection;
    this.#publishing = publishing;
    this.#consuming = consuming;
  }

  /** Connects and declares the twin's queue. */
  static async open(url: string): Promise<Amqp> {
    const connection = await connect(url, { noDelay: true });
    const amqp = new Amqp(connection, await connection.createConfirmChannel(), await connection.createChannel());
    await amqp.#consuming.assertQueue(TWIN_DEAD, { durable: true, arguments: QUORUM });
    await amqp.#consuming.assertQueue(TWIN, { durable: true, arguments: SAFE });
    return amqp;
  }

  /** Validates, encodes, publishes persistent and mandatory, and waits for the confirm. */
  send(order: Order): Promise<void> {
    const content = Buffer.from(JSON.stringify(orderSchema.parse(order)));
    const id = randomUUID();
    const properties = {
      mandatory: true,
      persistent: true,
      contentType: 'application/json',
      messageId: id,
      type: OrderPlaced.name,
      correlationId: id,
      headers: { 'ce-source': 'bench', 'ce-time': new Date().toISOString() },
    };
    return new Promise((resolve, reject) => {
      this.#publishing.publish('', TWIN, content, properties, (error: Error | null) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  /** Consumes the twin's queue: parses, validates, awaits the handler, acks each. Gives the way to stop. */
  async consume(handler: OrderHandler): Promise<() => Promise<void>> {
    const channel = this.#consuming;
    await channel.prefetch(WINDOW);
    const take = async (message: ConsumeMessage): Promise<void> => {
      await handler.count(orderSchema.parse(JSON.parse(message.content.toString())));
      channel.ack(message);
    };
    const { consumerTag } = await channel.consume(TWIN, (message) => {
      if (message !== null) void take(message);
    });
    return async () => void (await channel.cancel(consumerTag));
  }

  /** Empties queues. */
  async purge(...queues: readonly string[]): Promise<void> {
    for (const queue of queues) await this.#consuming.purgeQueue(queue);
  }

  /** Deletes the twin's queues and these. */
  async remove(...queues: readonly string[]): Promise<void> {
    for (const queue of [TWIN, TWIN_DEAD, ...queues]) await this.#consuming.deleteQueue(queue);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}
