import { randomUUID } from 'node:crypto';
import { type Admin, type Consumer, type IHeaders, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { type Order, OrderPlaced, orderSchema } from './contracts.js';
import type { HandlesOrders } from './handlers.js';

/** What all topics and groups of benches begin with, on both sides. */
const PREFIX = 'bench.';

/** The topic and the group of the native twin. */
const TWIN = `${PREFIX}twin`;

/** Partitions of either side's topic. */
export const PARTITIONS = 4;

/** Most messages that the twin gathers in one request: with 1,000 sends outstanding, 250 to 1,000 are equally fast, 125 is slower. */
const GATHERED = 500;

/** As our own consumer asks. */
const FETCH = { maxWaitTimeInMs: 250, maxBytes: 4 * 1024 * 1024, maxBytesPerPartition: 1024 * 1024 };

/** How the twin is given messages: a batch of one partition at a time, or one message of each of the partitions. */
export type Mode = 'eachBatch' | 'eachMessage';

/** The native twin: what one writes by hand with kafkajs for the same records and the same guarantees. */
export class KafkaRaw implements AsyncDisposable {
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  #consumer: Consumer | undefined;
  #waiting: { readonly record: Message; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #sending = false;

  private constructor(broker: string) {
    this.#kafka = new Kafka({ clientId: TWIN, brokers: [broker], logLevel: logLevel.NOTHING });
    this.#producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  }

  /** Makes the twin's topic and connects an idempotent producer. */
  static async open(broker: string): Promise<KafkaRaw> {
    const raw = new KafkaRaw(broker);
    await raw.#administer(async (admin) => {
      await admin.createTopics({ topics: [{ topic: TWIN, numPartitions: PARTITIONS }], waitForLeaders: false });
    });
    await raw.#producer.connect();
    return raw;
  }

  /**
   * Validates, encodes, and resolves when the broker has it. What is sent while a request is under way goes together in the next:
   * an idempotent producer has one request open at a time, whoever calls it.
   */
  send(order: Order, key?: string): Promise<void> {
    const record = recordOf(order, key);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      if (!this.#sending) void this.#sendAll();
    });
  }

  /** One request for each message. */
  async sendOne(order: Order): Promise<void> {
    await this.#request([recordOf(order)]);
  }

  /** One request for all of them. */
  async sendMany(orders: readonly Order[]): Promise<void> {
    await this.#request(orders.map((order) => recordOf(order)));
  }

  /** Joins the group and reads; each handler is awaited before the next one starts, and positions are committed after each batch. */
  async consume(handler: HandlesOrders, mode: Mode): Promise<void> {
    const consumer = this.#kafka.consumer({ groupId: TWIN, ...FETCH });
    this.#consumer = consumer;
    const take = async ({
      value,
      headers = {},
    }: {
      readonly value: Buffer | null;
      readonly headers?: IHeaders;
    }): Promise<void> => {
      const envelope: Record<string, string> = {};
      for (const name of Object.keys(headers)) envelope[name] = String(headers[name]);
      if (envelope['ce_type'] !== OrderPlaced.name) throw new Error(`unknown type ${envelope['ce_type']}`);
      await handler.count(orderSchema.parse(JSON.parse(String(value))));
    };
    await consumer.connect();
    await consumer.subscribe({ topic: TWIN, fromBeginning: true });
    const joined = new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    await consumer.run(
      mode === 'eachMessage'
        ? { partitionsConsumedConcurrently: PARTITIONS, eachMessage: ({ message }) => take(message) }
        : {
            eachBatch: async (payload) => {
              for (const message of payload.batch.messages) {
                await take(message);
                payload.resolveOffset(message.offset);
              }
              await payload.heartbeat();
            },
          },
    );
    await joined;
  }

  pause(): void {
    this.#consumer?.pause([{ topic: TWIN }]);
  }

  resume(): void {
    this.#consumer?.resume([{ topic: TWIN }]);
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    await new Promise((resolve) => setImmediate(resolve)); // what the same turn sends goes along
    while (this.#waiting.length > 0) {
      const gathered = this.#waiting.splice(0, GATHERED);
      try {
        await this.#request(gathered.map(({ record }) => record));
        for (const { resolve } of gathered) resolve();
      } catch (error) {
        for (const { reject } of gathered) reject(error);
      }
    }
    this.#sending = false;
  }

  async #request(messages: Message[]): Promise<void> {
    await this.#producer.send({ topic: TWIN, acks: -1, messages });
  }

  async #administer(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Takes the topics and groups of both sides away, and disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.disconnect();
    await this.#producer.disconnect();
    const isOurs = (name: string): boolean => name.startsWith(PREFIX);
    await this.#administer(async (admin) => {
      await admin.deleteTopics({ topics: (await admin.listTopics()).filter(isOurs) });
      await admin.deleteGroups((await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(isOurs));
    });
  }
}

/** The same headers as ours. */
function recordOf(order: Order, key?: string): Message {
  const id = randomUUID();
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: OrderPlaced.name,
    ce_source: 'bench',
    ce_time: new Date().toISOString(),
    ce_correlationid: id,
    'content-type': 'application/json',
  };
  return { key: key ?? null, value: JSON.stringify(orderSchema.parse(order)), headers };
}
