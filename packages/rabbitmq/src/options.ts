import type { OptionSpecs } from '@omnibus/core/transport';

/** Options of the RabbitMQ transport. */
export interface RabbitMqOptions {
  /**
   * Where the broker is: `amqp://user:password@host:5672/vhost`, or `amqps://`. A list names the nodes of one cluster; they are
   * tried one after another. The query may say `heartbeat` in seconds, which wins over `heartbeatMs`. Default: `amqp://localhost`.
   */
  readonly url?: string | readonly string[];
  /** Wins over the user in `url`. Default: that one, or `guest`. */
  readonly username?: string;
  /** Wins over the password in `url`. Default: that one, or `guest`. */
  readonly password?: string;
  /** How the login is proven: by a password, or by the client certificate (SASL EXTERNAL, a plugin of the broker). Default: `password`. */
  readonly login?: 'password' | 'certificate';
  /** amqps: PEM text of the authorities that may have signed the broker's certificate. Default: those that Node.js trusts. */
  readonly ca?: string;
  /** amqps: PEM text of the client certificate. Default: none. */
  readonly cert?: string;
  /** amqps: PEM text of the private key of `cert`. Default: none. */
  readonly key?: string;
  /** Opens `key` where it is encrypted. Default: none. */
  readonly passphrase?: string;
  /** Ms until a host that does not answer is given up for the next one. Default: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Ms between heartbeats, in whole seconds. A silent link is noticed after 2 to 3 of them. Default: 10,000. */
  readonly heartbeatMs?: number;
  /** Type of the queues that are made: replicated `quorum` queues, or `classic` ones with priorities. Default: `quorum`. */
  readonly queueType?: 'quorum' | 'classic';
  /** Whether the wait queues for delays are made, and delays are native. Default: true. */
  readonly delay?: boolean;
  /** Ms that the broker lets a delivery wait for its ack: its own `consumer_timeout`. 0 = it has none. Default: 1,800,000. */
  readonly consumerTimeoutMs?: number;
  /** Ms that the queue of a temporary subscription outlives its instance. Default: 300,000. */
  readonly temporaryExpiryMs?: number;
  /** Most bytes of one message; no more than the broker's own `max_message_size`. Default: 16,777,216. */
  readonly maxMessageBytes?: number;
}

/** The options with every default filled in. */
export type ResolvedOptions = Readonly<
  Required<Omit<RabbitMqOptions, 'url' | 'username' | 'password' | 'ca' | 'cert' | 'key' | 'passphrase'>> & {
    url: readonly string[];
    username?: string;
    password?: string;
    ca?: string;
    cert?: string;
    key?: string;
    passphrase?: string;
  }
>;

const MINUTE_MS = 60_000;

/** What holds where nothing is said. */
export const DEFAULTS = Object.freeze({
  url: ['amqp://localhost'],
  login: 'password',
  connectTimeoutMs: 5_000,
  heartbeatMs: 10_000,
  queueType: 'quorum',
  delay: true,
  consumerTimeoutMs: 30 * MINUTE_MS,
  temporaryExpiryMs: 5 * MINUTE_MS,
  maxMessageBytes: 16 * 1024 * 1024,
} as const) satisfies ResolvedOptions;

/** The options, said once for every reader of configurations. */
export const options: OptionSpecs<RabbitMqOptions> = {
  url: {
    type: 'strings',
    secret: true,
    default: DEFAULTS.url,
    description: 'amqp:// or amqps:// with user, password, host, port and vhost; a list names the nodes of one cluster.',
  },
  username: { type: 'string', description: 'Wins over the user in the url.' },
  password: { type: 'string', secret: true, description: 'Wins over the password in the url.' },
  login: {
    type: 'string',
    values: ['password', 'certificate'],
    default: DEFAULTS.login,
    description: 'How the login is proven: by a password, or by the client certificate (SASL EXTERNAL).',
  },
  ca: { type: 'string', description: "amqps: PEM text of the authorities behind the broker's certificate. Default: Node's own." },
  cert: { type: 'string', description: 'amqps: PEM text of the client certificate.' },
  key: { type: 'string', secret: true, description: 'amqps: PEM text of the private key of cert.' },
  passphrase: { type: 'string', secret: true, description: 'Opens key where it is encrypted.' },
  connectTimeoutMs: {
    type: 'number',
    min: 100,
    max: 9_000,
    default: DEFAULTS.connectTimeoutMs,
    description: 'Ms until a host that does not answer is given up for the next one.',
  },
  heartbeatMs: {
    type: 'number',
    min: 1_000,
    max: 3_600_000,
    default: DEFAULTS.heartbeatMs,
    description: 'Ms between heartbeats, in whole seconds; a silent link is noticed after 2 to 3 of them.',
  },
  queueType: {
    type: 'string',
    values: ['quorum', 'classic'],
    default: DEFAULTS.queueType,
    description: 'Type of the queues that are made: replicated quorum queues, or classic ones with priorities.',
  },
  delay: {
    type: 'boolean',
    default: DEFAULTS.delay,
    description: 'Whether the wait queues for delays are made, and delays are native.',
  },
  consumerTimeoutMs: {
    type: 'number',
    min: 0,
    default: DEFAULTS.consumerTimeoutMs,
    description: 'Ms that the broker lets a delivery wait for its ack (its consumer_timeout); 0 = it has none.',
  },
  temporaryExpiryMs: {
    type: 'number',
    min: 1_000,
    whole: true,
    default: DEFAULTS.temporaryExpiryMs,
    description: 'Ms that the queue of a temporary subscription outlives its instance.',
  },
  maxMessageBytes: {
    type: 'number',
    min: 8_192,
    max: 536_870_912,
    whole: true,
    default: DEFAULTS.maxMessageBytes,
    description: "Most bytes of one message; no more than the broker's own max_message_size.",
  },
};
