import type { ResolvedOptions } from './options.js';

/** Attributes of a queue as SQS names them. */
export type QueueAttributes = Readonly<Record<string, string>>;

/** A queue that is to be there. */
export interface QueueWish {
  readonly name: string;
  readonly isFifo: boolean;
  /** It holds what others gave up: nothing is dead-lettered from it. */
  readonly isDead: boolean;
  /** Where the backstop puts what ends its consumer again and again. */
  readonly backstopArn: string | undefined;
}

/** Receives after which SQS itself dead-letters: the most that it takes, far above what the engine lets happen at usual attempts. */
export const BACKSTOP_RECEIVES = 1_000;

const DAY_S = 86_400;

const seconds = (ms: number): string => String(Math.floor(ms / 1_000));

/** What a queue is made with. It follows from its name and the options alone, so that every service that names it says the same. */
export function attributesOf({ isFifo, isDead, backstopArn }: QueueWish, options: ResolvedOptions): QueueAttributes {
  const { visibilityMs, waitMs, retentionMs, maxMessageBytes, kmsKeyId, highThroughputFifo } = options;
  return {
    VisibilityTimeout: seconds(visibilityMs),
    ReceiveMessageWaitTimeSeconds: seconds(waitMs),
    MessageRetentionPeriod: isDead ? String(14 * DAY_S) : seconds(retentionMs),
    MaximumMessageSize: String(maxMessageBytes),
    ...(kmsKeyId === undefined ? { SqsManagedSseEnabled: 'true' } : { KmsMasterKeyId: kmsKeyId }),
    ...(isFifo
      ? {
          FifoQueue: 'true',
          ContentBasedDeduplication: 'false',
          DeduplicationScope: highThroughputFifo ? 'messageGroup' : 'queue',
          FifoThroughputLimit: highThroughputFifo ? 'perMessageGroupId' : 'perQueue',
        }
      : {}),
    ...(backstopArn === undefined
      ? {}
      : { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: backstopArn, maxReceiveCount: BACKSTOP_RECEIVES }) }),
  };
}

/** One attribute that is not as wanted. */
export interface Difference {
  readonly property: string;
  readonly wanted: string;
  readonly found: string;
}

/** What of the wanted attributes is otherwise. Those that SQS does not show are 'unreadable'. */
export function differences(wanted: QueueAttributes, found: QueueAttributes): readonly Difference[] {
  return Object.entries(wanted)
    .filter(([property, value]) => said(property, value) !== said(property, found[property]))
    .map(([property, value]) => ({
      property,
      wanted: said(property, value),
      found: found[property] === undefined && !ABSENT.has(property) ? 'unreadable' : said(property, found[property]),
    }));
}

/** Attributes that SQS leaves out where they are not set. */
const ABSENT: ReadonlySet<string> = new Set(['RedrivePolicy', 'KmsMasterKeyId', 'FifoQueue', 'SqsManagedSseEnabled']);

/** An attribute for people, and for comparison: SQS writes JSON its own way. */
function said(property: string, value: string | undefined): string {
  if (value === undefined || value === '') return 'none';
  if (property !== 'RedrivePolicy') return value;
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(value) as Record<string, unknown>;
    return `after ${String(maxReceiveCount)} receives to ${String(deadLetterTargetArn)}`;
  } catch {
    return value;
  }
}
