import type { OptionSpecs } from '@omnibus/core/transport';

/** How the topics of one channel are made, where it differs from the transport's own settings. */
export interface TopicOptions {
  /** Partitions. Order holds in each of them, and each is read by one process of a group. */
  readonly partitions?: number;
  /** Copies of each partition. */
  readonly replicas?: number;
  /** Ms that messages are kept, whether they were read or not; -1 = for ever. */
  readonly retentionMs?: number;
  /** Only the last message of each key is kept for good (`cleanup.policy=compact`); every message needs a key. */
  readonly compact?: boolean;
}

/** Gives a token for SASL OAUTHBEARER whenever one is needed; it is asked again before `expiresAt` (ms since 1970) of none is known. */
export type TokenProvider = () => Promise<string | { readonly token: string; readonly expiresAt?: number }>;

/** Options of the Kafka transport. */
export interface KafkaOptions {
  /** Brokers to begin with, `host:port`, as a list or separated by commas; `kafka://` before it is ignored. Default: `localhost:9092`. */
  readonly url?: string | readonly string[];
  /**
   * The library that speaks to the brokers. `platformatic` needs the package @platformatic/kafka and Node.js 22.22, and brings every
   * codec. Default: `kafkajs`.
   */
  readonly client?: 'kafkajs' | 'platformatic';
  /** SASL login. Default: none. */
  readonly username?: string;
  /** Password of `username`. */
  readonly password?: string;
  /** How `username` is proven. Default: `scram-sha-512`. */
  readonly mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  /** A token provider, for SASL OAUTHBEARER and MSK IAM; only code can give it. Wins over `username`. Default: none. */
  readonly token?: TokenProvider;
  /** TLS on every connection. Default: false; true where `ca` or `cert` is said. */
  readonly tls?: boolean;
  /** PEM text of the authorities that may have signed the brokers' certificates. Default: those that Node.js trusts. */
  readonly ca?: string;
  /** PEM text of the client certificate. Default: none. */
  readonly cert?: string;
  /** PEM text of the private key of `cert`. Default: none. */
  readonly key?: string;
  /** Opens `key` where it is encrypted. Default: none. */
  readonly passphrase?: string;
  /** Ms until a broker that does not answer a connect is given up for the next one. Default: 3,000. */
  readonly connectTimeoutMs?: number;
  /** Ms until a request that is not answered is given up. Default: 10,000. */
  readonly requestTimeoutMs?: number;
  /** Ms without a heartbeat after which the broker gives a consumer's partitions to others. Default: 30,000. */
  readonly sessionTimeoutMs?: number;
  /** Ms between heartbeats: a rebalance takes about as long. Default: 1,000. */
  readonly heartbeatMs?: number;
  /**
   * Most ms that what was handed out may still be settled when the group gathers anew, before its partitions are taken away; meanwhile
   * nothing more is handed out in the whole group. 0 = it is lost at once, and comes again. With `client: platformatic` alone, and at
   * most 25,000 less `heartbeatMs`. Default: 0.
   */
  readonly drainMs?: number;
  /**
   * The name of this process in its groups, kept over restarts and no other process's: the name of a pod, say. Who comes back by it within
   * `sessionTimeoutMs` has its partitions again, and no other process notices; until then they wait. 1 to 249 letters, digits, `.`, `_`
   * and `-`, with `client: platformatic` alone. Default: none: a process that stops leaves its partitions to others at once. Source:
   * KIP-345, `group.instance.id`.
   */
  readonly instanceId?: string | undefined;
  /** Longest that a broker holds a fetch open while nothing comes, in ms. Messages come at once whatever it is. Default: 250. */
  readonly fetchWaitMs?: number;
  /** Most bytes of one fetch: what is in memory besides the window. Default: 4,194,304. */
  readonly fetchBytes?: number;
  /**
   * Ms after which what is known of topics is asked for anew: as long may senders and groups not know of partitions that were added,
   * and what another client sends there waits. Default: 60,000.
   */
  readonly metadataMaxAgeMs?: number;
  /** How batches are compressed: snappy and lz4 need a codec that is registered with kafkajs. Default: `none`. */
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** Most bytes of one message; no more than the topics' own `max.message.bytes`. Default: 1,000,000. */
  readonly maxMessageBytes?: number;
  /** Partitions of topics that are made. Default: 4; said, it is compared with what exists. */
  readonly partitions?: number;
  /** Copies of each partition of topics that are made. Default: as the broker has it; said, it is compared with what exists. */
  readonly replicas?: number;
  /** Ms that messages are kept; -1 = for ever. Default: as the broker has it; said, it is compared with what exists. */
  readonly retentionMs?: number;
  /** By topic: what differs from the settings above. */
  readonly topics?: Readonly<Record<string, TopicOptions>>;
}

/** The options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Pick<KafkaOptions, keyof typeof DEFAULTS>> & Omit<KafkaOptions, keyof typeof DEFAULTS> & { url: readonly string[] }
>;

/** What holds where nothing is said. */
export const DEFAULTS = Object.freeze({
  url: ['localhost:9092'] as readonly string[],
  client: 'kafkajs',
  mechanism: 'scram-sha-512',
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 10_000,
  sessionTimeoutMs: 30_000,
  heartbeatMs: 1_000,
  drainMs: 0,
  fetchWaitMs: 250,
  fetchBytes: 4 * 1024 * 1024,
  metadataMaxAgeMs: 60_000,
  compression: 'none',
  maxMessageBytes: 1_000_000,
} as const);

/** Partitions of a topic that is made where nothing is said. */
export const PARTITIONS = 4;

const partitions = { type: 'number', min: 1, max: 10_000, whole: true } as const;
const replicas = { type: 'number', min: 1, max: 32, whole: true } as const;
const retentionMs = { type: 'number', min: -1, whole: true } as const;

/** The options, said once for every reader of configurations. */
export const options: OptionSpecs<KafkaOptions> = {
  url: {
    type: 'strings',
    default: DEFAULTS.url,
    description: 'Brokers to begin with, host:port, as a list or separated by commas.',
  },
  client: {
    type: 'string',
    values: ['kafkajs', 'platformatic'],
    default: DEFAULTS.client,
    description: 'The library that speaks to the brokers; platformatic needs the package @platformatic/kafka.',
  },
  username: { type: 'string', description: 'SASL login.' },
  password: { type: 'string', secret: true, description: 'Password of username.' },
  mechanism: {
    type: 'string',
    values: ['plain', 'scram-sha-256', 'scram-sha-512'],
    default: DEFAULTS.mechanism,
    description: 'How username is proven.',
  },
  token: { type: 'any', description: 'A function that gives a token for SASL OAUTHBEARER or MSK IAM; from code only.' },
  tls: { type: 'boolean', description: 'TLS on every connection. Default: where ca or cert is said.' },
  ca: { type: 'string', description: "PEM text of the authorities behind the brokers' certificates. Default: Node's own." },
  cert: { type: 'string', description: 'PEM text of the client certificate.' },
  key: { type: 'string', secret: true, description: 'PEM text of the private key of cert.' },
  passphrase: { type: 'string', secret: true, description: 'Opens key where it is encrypted.' },
  connectTimeoutMs: {
    type: 'number',
    min: 100,
    max: 9_000,
    default: DEFAULTS.connectTimeoutMs,
    description: 'Ms until a broker that does not answer a connect is given up for the next one.',
  },
  requestTimeoutMs: {
    type: 'number',
    min: 1_000,
    default: DEFAULTS.requestTimeoutMs,
    description: 'Ms until a request that is not answered is given up.',
  },
  sessionTimeoutMs: {
    type: 'number',
    min: 2_000,
    default: DEFAULTS.sessionTimeoutMs,
    description: "Ms without a heartbeat after which a consumer's partitions are given to others.",
  },
  heartbeatMs: {
    type: 'number',
    min: 100,
    default: DEFAULTS.heartbeatMs,
    description: 'Ms between heartbeats: a rebalance takes about as long.',
  },
  drainMs: {
    type: 'number',
    min: 0,
    default: DEFAULTS.drainMs,
    description:
      'Most ms that what runs may still be settled before a rebalance takes its partitions away; client: platformatic alone.',
  },
  instanceId: {
    type: 'string',
    description:
      "Name of this process in its groups, kept over restarts and no other process's: it has its partitions again; client: platformatic alone.",
  },
  fetchWaitMs: {
    type: 'number',
    min: 10,
    max: 10_000,
    default: DEFAULTS.fetchWaitMs,
    description: 'Longest that a broker holds a fetch open while nothing comes, in ms.',
  },
  fetchBytes: {
    type: 'number',
    min: 65_536,
    whole: true,
    default: DEFAULTS.fetchBytes,
    description: 'Most bytes of one fetch.',
  },
  metadataMaxAgeMs: {
    type: 'number',
    min: 100,
    default: DEFAULTS.metadataMaxAgeMs,
    description: 'Ms after which what is known of topics is asked for anew: partitions that were added are found within it.',
  },
  compression: {
    type: 'string',
    values: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    default: DEFAULTS.compression,
    description: 'How batches are compressed; snappy and lz4 need a codec that is registered with kafkajs.',
  },
  maxMessageBytes: {
    type: 'number',
    min: 8_192,
    max: 536_870_912,
    whole: true,
    default: DEFAULTS.maxMessageBytes,
    description: "Most bytes of one message; no more than the topics' own max.message.bytes.",
  },
  partitions: { ...partitions, description: 'Partitions of topics that are made. Default: 4.' },
  replicas: { ...replicas, description: "Copies of each partition of topics that are made. Default: the broker's own." },
  retentionMs: { ...retentionMs, description: "Ms that messages are kept; -1 = for ever. Default: the broker's own." },
  topics: {
    type: 'map',
    description: 'By topic: what differs from the settings above.',
    of: {
      type: 'object',
      description: 'How one topic is made.',
      fields: {
        partitions: { ...partitions, description: 'Partitions.' },
        replicas: { ...replicas, description: 'Copies of each partition.' },
        retentionMs: { ...retentionMs, description: 'Ms that messages are kept; -1 = for ever.' },
        compact: { type: 'boolean', description: 'Only the last message of each key is kept for good.' },
      },
    },
  },
};
