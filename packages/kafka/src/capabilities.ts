import { type Capabilities, type Channel, isSubscription, type Limits, type Subscription } from '@omnibus/core/transport';
import { DEFAULTS, type KafkaOptions } from './options.js';
import { HEADER_NAME } from './wire.js';

/** Most messages in one send. */
export const SEND_BATCH = 1_000;

/** Most deliveries in one receive. */
export const RECEIVE_BATCH = 4_096;

/** Most deliveries in one settle: a commit costs the same whatever it covers. */
export const SETTLE_BATCH = 4_096;

/** Names and values together. Kafka counts them to the message; this leaves room for the body. */
const HEADER_BYTES = 128 * 1024;

const UNLIMITED = Number.POSITIVE_INFINITY;

/** What a Kafka endpoint can do with these options, with or without a broker. */
export function kafkaCapabilities(options: KafkaOptions = {}): (endpoint: Channel | Subscription) => Capabilities {
  const { maxMessageBytes } = { ...DEFAULTS, ...options };
  const limits: Limits = Object.freeze({
    sendBatch: SEND_BATCH,
    sendBytes: maxMessageBytes,
    receiveBatch: RECEIVE_BATCH,
    receiveCalls: 1,
    settleBatch: SETTLE_BATCH,
    delayStepMs: 1_000,
    batchFailure: 'whole',
    headers: { count: UNLIMITED, bytes: Math.min(HEADER_BYTES, maxMessageBytes >> 1), name: HEADER_NAME, empty: true },
    body: 'bytes',
    lingerMs: 0,
  });
  return (endpoint) => ({
    native: {
      receive: UNLIMITED,
      ordering: UNLIMITED,
      headers: UNLIMITED,
      durable: UNLIMITED,
      temporary: UNLIMITED,
      // each group of a topic reads a log; a queue has one group, which nobody tells where to begin
      ...(kindOf(endpoint) === 'queue' ? {} : { replay: UNLIMITED }),
    },
    limits,
    caveats: caveats(endpoint),
  });
}

const kindOf = (endpoint: Channel | Subscription): Channel['kind'] =>
  isSubscription(endpoint) ? endpoint.channel.kind : endpoint.kind;

function caveats(endpoint: Channel | Subscription): readonly string[] {
  const said: readonly (readonly [boolean, string])[] = [
    [
      true,
      'kafka: messages are kept for the retention of their topic, read or not: a group that is away for longer misses what was dropped meanwhile',
    ],
    [
      isSubscription(endpoint),
      'kafka: each partition is read by one process of a group; while partitions move, two processes may handle the same message',
    ],
    [
      isSubscription(endpoint),
      'kafka: no deliveries are counted: a message that ends its process each time is handed out without end',
    ],
  ];
  return said.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
