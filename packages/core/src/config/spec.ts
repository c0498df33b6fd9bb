import type { Feature } from '../transport/capabilities.js';
import type { OptionSpec, OptionSpecs } from '../transport/options.js';
import type { ChannelConfig, Config, ConsumerConfig, ForeignConfig, GroupConfig, RetryConfig } from './schema.js';

/** The transports that have a package `@omnibus/<name>`. */
export const TRANSPORTS: readonly string[] = Object.freeze(['memory', 'rabbitmq', 'sqs', 'sns', 'kafka']);

const whole = (min: number, description: string, byDefault?: number): OptionSpec => ({
  type: 'number',
  whole: true,
  min,
  description,
  ...(byDefault === undefined ? {} : { default: byDefault }),
});
const listOf = (values: readonly string[], description: string): OptionSpec => ({ type: 'strings', values, description });
const text = (description: string): OptionSpec => ({ type: 'string', description });
const fields = <O extends object>(description: string, fields: OptionSpecs<O>): OptionSpec => ({
  type: 'object',
  description,
  fields,
});

// a record, so that the compiler names the feature that is missing here
const FEATURES: Record<Feature, true> = {
  receive: true,
  settleEach: true,
  retry: true,
  retryDelay: true,
  release: true,
  reject: true,
  lock: true,
  delay: true,
  ordering: true,
  dedup: true,
  ttl: true,
  priority: true,
  headers: true,
  replay: true,
  temporary: true,
  durable: true,
  filter: true,
  wildcard: true,
  transaction: true,
};

const emulate = (description: string, byDefault?: string): OptionSpec => ({
  type: 'oneOf',
  description,
  alternatives: [
    { type: 'string', values: ['none', 'safe'], description: 'None at all, or those that keep every guarantee.' },
    listOf(
      ['safe', ...Object.keys(FEATURES)],
      'The features that may be emulated; "safe" stands for all that keep every guarantee.',
    ),
  ],
  ...(byDefault === undefined ? {} : { default: byDefault }),
});

const foreign = fields<ForeignConfig>('How messages that Omnibus did not send are read.', {
  type: text('The type of a message that does not name its own.'),
  from: {
    type: 'oneOf',
    description: 'Where a message names its type.',
    alternatives: [
      {
        type: 'object',
        description: 'In a header.',
        fields: { header: { type: 'string', required: true, description: 'Name of the header that holds the type.' } },
      },
      {
        type: 'object',
        description: 'In its JSON payload.',
        fields: { field: { type: 'string', required: true, description: 'Top-level field of the payload that holds the type.' } },
      },
    ],
  },
});

const group = fields<GroupConfig>('One group of the channel, by its name.', {
  address: text(
    "Name of the broker's object that holds the group's messages; by default the channel's address and the group, joined by a dot.",
  ),
  deadLetter: text('Channel for what this group gave up; by default <channel>.<group>.dead.'),
});

const channel = fields<ChannelConfig>('One channel, by its name.', {
  transport: text('A key of transports; by default what the key default names.'),
  address: text("Name of the broker's object; by default the channel's name."),
  deadLetter: text('Channel for what its consumers gave up; by default <channel>.dead, or <channel>.<group>.dead.'),
  groups: { type: 'map', of: group, description: 'Groups by name; those named here are provisioned by publishers too.' },
  emulate: emulate('What may be emulated on this channel; by default as for the whole service.'),
  foreign,
});

const retry = fields<RetryConfig>("Retries of this consumer; what is absent is the decorator's.", {
  attempts: whole(1, 'Times that a message is handled before it is rejected, the first one included; 5 by default.'),
  firstMs: whole(0, 'Delay before the second attempt, in ms; 1000 by default.'),
  maxMs: whole(0, 'No delay is longer, in ms; 30000 by default.'),
  factor: { type: 'number', min: 1, description: 'Each delay is this many times the one before; 2 by default.' },
});

const consumer = fields<ConsumerConfig>('One consumer, by channel or channel/group.', {
  concurrency: whole(1, 'Messages handled at one time; 16 by default.'),
  retry,
  enabled: { type: 'boolean', description: 'False: this process does not consume it; true by default.' },
  handlerTimeoutMs: whole(1, 'A handler that runs longer has failed, in ms; no limit by default.'),
  window: whole(1, 'Deliveries held unsettled at one time; 4 x concurrency by default.'),
});

/** Every key of a configuration. Options of a transport are its own (`TransportFactory.options`). */
export const CONFIG: OptionSpecs<Config> = {
  name: {
    type: 'string',
    required: true,
    description: "The service's name: CloudEvents source, connection names, reply addresses, metrics.",
  },
  transports: {
    type: 'map',
    required: true,
    of: { type: 'any', description: 'One transport: its kind after use, and its options.' },
    description: 'The brokers that this service may use, by names of your choice.',
  },
  default: {
    type: 'string',
    required: true,
    description: 'The transport of every channel that names none: a key of transports.',
  },
  channels: { type: 'map', of: channel, description: 'Channels by name: only what differs from the convention.' },
  consumers: {
    type: 'map',
    of: consumer,
    description: "Consumers by channel or channel/group; wins over the decorator's options.",
  },
  emulate: emulate('Which features may be emulated where the broker lacks them; "safe" by default.', 'safe'),
  provision: {
    type: 'string',
    values: ['create', 'verify', 'assume'],
    default: 'create',
    description: 'Whether what is missing on the broker is created, refused or not asked for; "create" by default.',
  },
  replies: fields<{ readonly address: string }>(
    'Where replies wait, on brokers where this service may not create a queue by itself.',
    {
      address: { type: 'string', required: true, description: "Name of the broker's object that holds the replies." },
    },
  ),
  sendTimeoutMs: whole(1, 'A send that no broker confirmed for this long is a TIMEOUT, in ms; 30000 by default.', 30_000),
  startTimeoutMs: whole(1, 'The start gives up after this long, in ms; 30000 by default.', 30_000),
  stopDeadlineMs: whole(0, 'Handlers get this long to finish when the service stops, in ms; 25000 by default.', 25_000),
};
