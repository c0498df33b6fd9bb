import { type Capabilities, type Channel, isSubscription, type Limits, type Subscription } from '@omnibus/core/transport';
import { DEFAULTS, type SqsOptions } from './options.js';
import { HEADER_COUNT, HEADER_NAME } from './wire.js';

/** Most entries of one batch call, and messages of one receive. */
export const BATCH = 10;

/** Most bytes of one call, all its entries together. */
export const CALL_BYTES = 1_048_576;

/** Longest delay of a send to a standard queue. */
export const LONGEST_DELAY_MS = 900_000;

/** Longest that a message is hidden after it was received, renewals included. */
export const LONGEST_HOLD_MS = 43_200_000;

/** Longest delay of a retry: an hour of what a message may be hidden is left to its handler. */
const LONGEST_RETRY_MS = LONGEST_HOLD_MS - 3_600_000;

/** How far back a FIFO queue knows what it was sent. */
const DEDUP_MS = 300_000;

/** What a message takes on the wire beyond what the core counts: types of attributes, the envelope's names. */
const ENVELOPE_BYTES = 512;

const RECEIVE_CALLS = 16;
const LINGER_MS = 5;
const UNLIMITED = Number.POSITIVE_INFINITY;

/** What an SQS endpoint can do with these options, with or without AWS. */
export function sqsCapabilities(options: SqsOptions = {}): (endpoint: Channel | Subscription) => Capabilities {
  const { maxMessageBytes, fairQueues, retry } = { ...DEFAULTS, ...options };
  const limits: Limits = Object.freeze({
    sendBatch: BATCH,
    sendBytes: maxMessageBytes - ENVELOPE_BYTES,
    receiveBatch: BATCH,
    receiveCalls: RECEIVE_CALLS,
    holdMs: LONGEST_HOLD_MS,
    settleBatch: BATCH,
    delayStepMs: 1_000,
    batchFailure: 'each',
    headers: { count: HEADER_COUNT, bytes: maxMessageBytes - ENVELOPE_BYTES, name: HEADER_NAME, empty: false },
    body: 'text',
    lingerMs: LINGER_MS,
  });
  return (endpoint) => {
    const { ordered } = endpoint;
    const hides = ordered || retry === 'visibility';
    return {
      native: {
        receive: UNLIMITED,
        settleEach: UNLIMITED,
        ...(hides ? { retry: UNLIMITED, retryDelay: LONGEST_RETRY_MS } : {}),
        release: UNLIMITED,
        lock: LONGEST_HOLD_MS,
        headers: UNLIMITED,
        durable: UNLIMITED,
        temporary: UNLIMITED,
        ...(ordered ? { ordering: UNLIMITED, dedup: DEDUP_MS } : { delay: LONGEST_DELAY_MS }),
      },
      limits,
      caveats: caveats(endpoint, hides, fairQueues),
    };
  };
}

function caveats(endpoint: Channel | Subscription, hides: boolean, fairQueues: boolean): readonly string[] {
  const { ordered } = endpoint;
  const said: readonly (readonly [boolean, string])[] = [
    [
      isSubscription(endpoint) && hides,
      'sqs: a message that is given back unhandled counts as delivered once more, and so as an attempt (ApproximateReceiveCount)',
    ],
    [
      isSubscription(endpoint) && ordered,
      'sqs: where any retry of a policy may wait for over 30 s, what follows in its key is given back with a message that fails, which counts for each of them',
    ],
    [
      isSubscription(endpoint),
      'sqs: a message is hidden for 12 h at most after it was received: a handler that runs longer loses it, and a retry that would end later comes then',
    ],
    [
      isSubscription(endpoint) && endpoint.temporary,
      'sqs: the queue of a temporary subscription is deleted when its instance closes; one that was killed leaves it behind',
    ],
    [ordered, 'sqs: a FIFO queue gives out no more of a key while one of its messages is in flight, in whichever process'],
    [!ordered && fairQueues, 'sqs: fair queues cost more for each request'],
  ];
  return said.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
