import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Admin, Consumer, EachBatchPayload, KafkaConfig, Message as KafkaMessage, Producer, SASLOptions } from 'kafkajs';
import { kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Incoming, Outgoing } from './wire.js';

/** Loaded by whoever connects first. CommonJS: Node.js sees none of its names. */
const library = async () => (await import('kafkajs')).default;

/*
 * The one file that knows kafkajs. Each end has a client of its own: kafkajs shares what it knows of offsets between the consumers of
 * one client, and a frozen socket of one end shall not hold up another.
 */

/** The administration of a cluster. */
export type LogAdmin = Admin;

/** Sends records to one topic, one call at a time: see `openProducer`. */
export interface LogProducer {
  send(records: readonly Outgoing[]): Promise<void>;
  close(): Promise<void>;
}

/** Records of one partition, as one fetch brought them. */
export interface LogBatch {
  readonly partition: number;
  /** The offset behind the last message of the partition. */
  readonly end: string;
  readonly records: readonly Incoming[];
  /** Up to here it is taken: the next fetch goes on behind it. */
  taken(offset: string): void;
  /** Tells the group that this member lives, where it is time to. Throws where the group is rebalancing. */
  heartbeat(): Promise<void>;
  /** False once it is to be forgotten: the consumer stops, or reads from elsewhere. */
  readonly wanted: () => boolean;
}

/** What a consumer tells. None of it may throw. */
export interface LogEvents {
  /** These partitions are ours now, and no others. */
  joined(partitions: readonly number[]): void;
  /** The group gathers anew; until this returns it takes commits for what was ours. `left` and `joined` follow. */
  gathering(): void;
  /** None is ours any more. */
  left(): void;
  /** It has ended by itself. */
  crashed(error: Error): void;
  /** Resolves once all of it is taken, or nothing of it is wanted any more. */
  batch(batch: LogBatch): Promise<void>;
}

/** A member of a group on one topic. */
export interface LogConsumer {
  /** Resolves when it has joined, or has crashed. */
  start(): Promise<void>;
  /** At once, for the generation that it is in; fails where that is over. Offsets are of the next message to read. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  seek(partition: number, offset: string): void;
  pause(partitions: readonly number[]): void;
  resume(partitions: readonly number[]): void;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** The retries of kafkajs inside one call: they end within seconds, as the core has its own. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 } as const;

/** Most ms that the members of a group are waited for while it rebalances. */
const REBALANCE_MS = 30_000;

const SILENT = (): (() => void) => () => {};

function connection(options: ResolvedOptions, clientId: string): KafkaConfig {
  const { ca, cert, key, passphrase } = options;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  const secure = options.tls ?? (ca !== undefined || cert !== undefined);
  const sasl = login(options);
  return {
    clientId,
    brokers: [...brokersOf(options.url)],
    connectionTimeout: options.connectTimeoutMs,
    authenticationTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    retry: RETRY,
    logCreator: SILENT,
    ...(secure ? { ssl: tls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
}

/** `host:port` of every broker that is named. */
export function brokersOf(url: readonly string[]): readonly string[] {
  return url
    .flatMap((each) => each.split(','))
    .map((each) =>
      each
        .trim()
        .replace(/^kafka:\/\//, '')
        .replace(/\/$/, ''),
    )
    .filter((each) => each !== '');
}

function login({ token, username, password = '', mechanism }: ResolvedOptions): SASLOptions | undefined {
  if (token !== undefined) {
    const oauthBearerProvider = async (): Promise<{ value: string }> => {
      const given = await token();
      return { value: typeof given === 'string' ? given : given.token };
    };
    return { mechanism: 'oauthbearer', oauthBearerProvider };
  }
  return username === undefined ? undefined : { mechanism, username, password };
}

/** Kafka's numbers for the codecs ("Record batch", attributes). */
const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** Throws CONFIG where the codec of `compression` is not there. Zstandard is Node's own, unless another was registered. */
export async function checkCodec({ compression }: Pick<ResolvedOptions, 'compression'>): Promise<void> {
  const codecs = (await library()).CompressionCodecs as Record<number, () => unknown>;
  registerZstd(codecs);
  try {
    if (compression !== 'none') codecs[CODECS[compression]]?.();
  } catch (cause) {
    const how = `install a codec (kafkajs-${compression}) and register it: CompressionCodecs[CompressionTypes.${compression === 'lz4' ? 'LZ4' : 'Snappy'}] = …, both from kafkajs`;
    throw kafkaError('CONFIG', `compression: ${compression} has no codec; ${how}`, { cause });
  }
}

function registerZstd(codecs: Record<number, () => unknown>): void {
  try {
    codecs[CODECS.zstd]?.();
  } catch {
    const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];
    codecs[CODECS.zstd] = () => ({
      compress: ({ buffer }: { readonly buffer: Buffer }) => compress(buffer),
      decompress: (buffer: Buffer) => decompress(buffer),
    });
  }
}

/** Connects an administration client. */
export async function openAdmin(options: ResolvedOptions, clientId: string): Promise<LogAdmin> {
  const { Kafka } = await library();
  const admin = new Kafka(connection(options, clientId)).admin({ retry: { ...RETRY, retries: 3 } });
  try {
    await admin.connect();
  } catch (error) {
    void admin.disconnect().catch(() => undefined);
    throw error;
  }
  return admin;
}

/**
 * Connects an idempotent producer of one topic. What the broker does not answer is sent again inside the call, with the same sequence
 * numbers, so that it is stored once. kafkajs gives the numbers of a failed call to the next one, whatever that holds: so calls must
 * not overlap, and a producer that failed once must not be used again. Its partitions are chosen once for each record, since kafkajs
 * asks again on each try and sends only what falls to a broker that did not answer.
 */
export async function openProducer(options: ResolvedOptions, clientId: string, topic: string): Promise<LogProducer> {
  const { Kafka, Partitioners } = await library();
  const chosen = new WeakMap<object, number>();
  const createPartitioner = () => {
    const choose = Partitioners.DefaultPartitioner();
    return (given: Parameters<typeof choose>[0]): number => {
      const partition = chosen.get(given.message) ?? choose(given);
      chosen.set(given.message, partition);
      return partition;
    };
  };
  const producer: Producer = new Kafka(connection(options, clientId)).producer({
    allowAutoTopicCreation: false,
    idempotent: true,
    maxInFlightRequests: 1,
    metadataMaxAge: options.metadataMaxAgeMs,
    createPartitioner,
    retry: RETRY,
  });
  const close = (): Promise<void> => producer.disconnect();
  try {
    await producer.connect();
  } catch (error) {
    void close().catch(() => undefined);
    throw error;
  }
  const compression = CODECS[options.compression];
  return {
    async send(records) {
      const messages = records as unknown as KafkaMessage[];
      const stored = await producer.send({ topic, acks: -1, timeout: options.requestTimeoutMs, compression, messages });
      const confirmed = new Set(stored.map(({ partition }) => partition));
      const missing = messages.filter((message) => !confirmed.has(chosen.get(message) as number));
      // a partition whose leader moved to a broker that had answered already is left out by kafkajs
      if (missing.length > 0)
        throw new Error(`${missing.length} of ${messages.length} messages were not sent, as their leader moved`);
    },
    close,
  };
}

/** A member of a group on a topic, not joined yet. Where the group has no position in a partition, it reads it from its beginning. */
export async function openConsumer(
  options: ResolvedOptions,
  clientId: string,
  at: { readonly topic: string; readonly groupId: string },
  events: LogEvents,
): Promise<LogConsumer> {
  const { Kafka } = await library();
  const { topic, groupId } = at;
  const consumer: Consumer = new Kafka(connection(options, clientId)).consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: options.sessionTimeoutMs,
    heartbeatInterval: options.heartbeatMs,
    rebalanceTimeout: REBALANCE_MS,
    metadataMaxAge: options.metadataMaxAgeMs,
    maxWaitTimeInMs: options.fetchWaitMs,
    maxBytes: options.fetchBytes,
    maxBytesPerPartition: Math.max(options.maxMessageBytes, Math.min(options.fetchBytes, 1_048_576)),
    retry: { ...RETRY, restartOnFailure: async () => false },
  });
  const { GROUP_JOIN, REBALANCING, CRASH, FETCH, FETCH_START } = consumer.events;
  /** Brokers that a fetch is under way to. */
  const fetching = new Set<unknown>();
  let write: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;

  consumer.on(FETCH_START, ({ payload }) => void fetching.add(nodeOf(payload)));
  consumer.on(FETCH, ({ payload }) => void fetching.delete(nodeOf(payload)));
  consumer.on(REBALANCING, () => {
    fetching.clear(); // kafkajs has waited for all of them
    events.gathering();
    events.left();
  });
  consumer.on(GROUP_JOIN, ({ payload }) => {
    events.left();
    // kafkajs joins anew inside a fetch where partitions moved or were added; what the fetches beside it bring is of the old assignment
    if (fetching.size > 1) events.crashed(new Error('the group was joined anew while other brokers were being read'));
    else events.joined(payload.memberAssignment[topic] ?? []);
  });
  consumer.on(CRASH, ({ payload }) => events.crashed(payload.error));

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch } = payload;
    write = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    await events.batch({
      partition: batch.partition,
      end: batch.highWatermark,
      records: batch.messages,
      taken: (offset) => payload.resolveOffset(offset),
      heartbeat: () => payload.heartbeat(),
      wanted: () => payload.isRunning() && !payload.isStale(),
    });
  };
  const given = (offsets: ReadonlyMap<number, bigint>): { partition: number; offset: string }[] =>
    [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
  return {
    async start() {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    },
    async commit(offsets) {
      // kafkajs' own `commitOffsets` tries again after a rebalance, with the new generation, for partitions that others may have then
      if (write !== undefined) await write({ topics: [{ topic, partitions: given(offsets) }] });
      else await consumer.commitOffsets(given(offsets).map((offset) => ({ topic, ...offset })));
    },
    seek: (partition, offset) => consumer.seek({ topic, partition, offset }),
    pause: (partitions) => consumer.pause([{ topic, partitions: [...partitions] }]),
    resume: (partitions) => consumer.resume([{ topic, partitions: [...partitions] }]),
    close: () => consumer.disconnect(),
  };
}

const nodeOf = (payload: unknown): unknown => (payload as { readonly nodeId?: unknown }).nodeId;
