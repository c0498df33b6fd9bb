import { type Capabilities, type Channel, isSubscription, type Limits, type Subscription } from '@omnibus/core/transport';
import { LONGEST_DELAY_MS } from './ladder.js';
import { DEFAULTS, type RabbitMqOptions } from './options.js';
import { HEADER_NAME } from './wire.js';

/** Most messages in one send: as many confirms may be open on it at one time. */
export const SEND_BATCH = 1_000;

/** Most deliveries in one receive: all that a prefetch can be. */
export const RECEIVE_BATCH = 65_535;

/** Most deliveries in one settle. More would be taken; as few as these leave while a large window is still being handled. */
export const SETTLE_BATCH = 128;

/** Names and values. amqplib encodes headers into 64 KB, and each takes 6 bytes more than it has. */
const HEADER_BYTES = 48 * 1024;

/** Levels of a classic queue: `x-max-priority` is 255 at most. */
const PRIORITIES = 256;

const UNLIMITED = Number.POSITIVE_INFINITY;

/** What a RabbitMQ endpoint can do with these options, with or without a broker. */
export function rabbitMqCapabilities(options: RabbitMqOptions = {}): (endpoint: Channel | Subscription) => Capabilities {
  const { queueType, delay, consumerTimeoutMs, maxMessageBytes } = { ...DEFAULTS, ...options };
  const limits: Limits = Object.freeze({
    sendBatch: SEND_BATCH,
    sendBytes: maxMessageBytes,
    receiveBatch: RECEIVE_BATCH,
    receiveCalls: 1,
    ...(consumerTimeoutMs === 0 ? {} : { holdMs: consumerTimeoutMs }),
    settleBatch: SETTLE_BATCH,
    delayStepMs: 1_000,
    batchFailure: 'each',
    headers: { count: UNLIMITED, bytes: HEADER_BYTES, name: HEADER_NAME, empty: true },
    body: 'bytes',
    lingerMs: 0,
  });
  return (endpoint) => {
    const { ordered, temporary } = endpoint;
    const hasLevels = queueType === 'classic' && !ordered;
    return {
      native: {
        receive: UNLIMITED,
        settleEach: UNLIMITED,
        ordering: UNLIMITED,
        headers: UNLIMITED,
        temporary: UNLIMITED,
        durable: UNLIMITED,
        // given back alone, a message of an ordered queue would come after its followers
        ...(ordered ? {} : { release: UNLIMITED }),
        ...(delay ? { delay: LONGEST_DELAY_MS } : {}),
        ...(hasLevels ? { priority: PRIORITIES } : {}),
      },
      limits,
      caveats: caveats(endpoint, temporary ? 'classic' : queueType, delay),
    };
  };
}

function caveats(endpoint: Channel | Subscription, queueType: 'quorum' | 'classic', delay: boolean): readonly string[] {
  const { ordered, temporary } = endpoint;
  const subscription = isSubscription(endpoint) ? endpoint : undefined;
  const said: readonly (readonly [boolean, string])[] = [
    [ordered, 'rabbitmq: ordered queues have a single active consumer: one process works, the others stand by'],
    [temporary, 'rabbitmq: the queue of a temporary subscription is made with x-expires; what waits in it ends with it'],
    [
      delay,
      'rabbitmq: a delay is rounded up to whole seconds and costs one hop through a wait queue for each bit that is set in it',
    ],
    [
      subscription?.channel.kind === 'topic',
      'rabbitmq: a type that a group no longer handles stays bound until someone removes the binding',
    ],
    [
      queueType === 'classic' && subscription?.deadLetter !== undefined,
      'rabbitmq: classic queues count no deliveries: there is no backstop for a message that ends its consumer each time',
    ],
  ];
  return said.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
