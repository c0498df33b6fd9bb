import type { OptionSpecs } from '@omnibus/core/transport';
import { sqsError } from './errors.js';

/** An AWS login. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  /** When they end; what gives them is asked again before that. */
  readonly expiration?: Date;
}

/** Options that all AWS transports share: where AWS is, and who asks. */
export interface AwsOptions {
  /** AWS region. Default: what the AWS SDK finds (`AWS_REGION`, the profile). */
  readonly region?: string;
  /** URL that all calls go to: an emulator, a VPC endpoint. Default: AWS's own for the region. */
  readonly endpoint?: string;
  /** The login, or a function that gives it and is asked again before it ends. Default: what the AWS SDK finds (environment, profile, role). */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** Twelve digits; only for the ARNs that `app.plan` prints. Default: `*`. */
  readonly accountId?: string;
  /** Ms until a call without an answer has failed; a long poll may take `waitMs` more. Default: 10,000. */
  readonly callTimeoutMs?: number;
}

/** Options of the SQS transport. */
export interface SqsOptions extends AwsOptions {
  /** Ms that a received message is hidden from others, renewed while the engine holds it. Whole seconds, 1 s to 12 h. Default: 30,000. */
  readonly visibilityMs?: number;
  /** Ms that a receive waits for a message (long poll). Whole seconds, 1 s to 20 s; a stop may take as long. Default: 20,000. */
  readonly waitMs?: number;
  /** Ms that SQS keeps a message, 1 min to 14 days; dead-letter queues always have 14 days. Default: 345,600,000 (4 days). */
  readonly retentionMs?: number;
  /** Most bytes of one message, 8 KiB to 1 MiB. Default: 1,048,576. */
  readonly maxMessageBytes?: number;
  /** Standard queues get a message's key as MessageGroupId, so that one busy key does not delay the others; SQS charges more for them. Default: false. */
  readonly fairQueues?: boolean;
  /** FIFO queues are made with a limit of calls for each message group instead of one for the queue. Default: true. */
  readonly highThroughputFifo?: boolean;
  /**
   * How a failed message of a standard queue waits for its next attempt: hidden where it is (`visibility`, one call), or as a delayed
   * copy (`copy`, two calls). SQS counts each time that it hands out a message, also what a stop gave back unhandled: with `visibility`
   * that counts as an attempt, with `copy` only failures do. Default: `visibility`.
   */
  readonly retry?: 'visibility' | 'copy';
  /** KMS key (id, alias or ARN) that queues are encrypted with. Default: none, they are encrypted by SQS itself (SSE-SQS). */
  readonly kmsKeyId?: string;
  /** Tags of the queues that are made. Default: none. */
  readonly tags?: Readonly<Record<string, string>>;
}

type Plain = 'region' | 'endpoint' | 'credentials' | 'accountId' | 'kmsKeyId' | 'tags';

/** The options with every default filled in; what has none may be absent. */
export type ResolvedOptions = Readonly<Required<Omit<SqsOptions, Plain>> & Pick<SqsOptions, Plain>>;

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** What holds where nothing is said. */
export const DEFAULTS = Object.freeze({
  callTimeoutMs: 10 * SECOND_MS,
  visibilityMs: 30 * SECOND_MS,
  waitMs: 20 * SECOND_MS,
  retentionMs: 4 * DAY_MS,
  maxMessageBytes: 1_048_576,
  fairQueues: false,
  highThroughputFifo: true,
  retry: 'visibility',
} as const) satisfies ResolvedOptions;

/** The shared options, said once for every reader of configurations. */
const awsOptionSpecs: OptionSpecs<AwsOptions> = {
  region: { type: 'string', description: 'AWS region. Default: what the AWS SDK finds (AWS_REGION, the profile).' },
  endpoint: { type: 'string', description: "URL that all calls go to: an emulator, a VPC endpoint. Default: AWS's own." },
  credentials: {
    type: 'oneOf',
    alternatives: [
      {
        type: 'object',
        description: 'An access key.',
        fields: {
          accessKeyId: { type: 'string', required: true, description: 'Id of the access key.' },
          secretAccessKey: { type: 'string', required: true, secret: true, description: 'Its secret.' },
          sessionToken: { type: 'string', secret: true, description: 'Of temporary credentials.' },
        },
      },
      { type: 'any', description: 'A function that gives the credentials, and is asked again before they end.' },
    ],
    description: 'The login, or a function that gives it. Default: what the AWS SDK finds (environment, profile, role).',
  },
  accountId: {
    type: 'string',
    pattern: /^\d{12}$/,
    description: 'Twelve digits; only for the ARNs that app.plan prints. Default: *.',
  },
  callTimeoutMs: {
    type: 'number',
    min: 100,
    max: 60 * SECOND_MS,
    default: DEFAULTS.callTimeoutMs,
    description: 'Ms until a call without an answer has failed; a long poll may take waitMs more.',
  },
};

/** The options, said once for every reader of configurations. */
export const sqsOptionSpecs: OptionSpecs<SqsOptions> = {
  ...awsOptionSpecs,
  visibilityMs: {
    type: 'number',
    min: SECOND_MS,
    max: 43_200 * SECOND_MS,
    whole: true,
    default: DEFAULTS.visibilityMs,
    description: 'Ms that a received message is hidden from others, renewed while it is held; whole seconds.',
  },
  waitMs: {
    type: 'number',
    min: SECOND_MS,
    max: 20 * SECOND_MS,
    whole: true,
    default: DEFAULTS.waitMs,
    description: 'Ms that a receive waits for a message (long poll), and that a stop may take; whole seconds.',
  },
  retentionMs: {
    type: 'number',
    min: 60 * SECOND_MS,
    max: 14 * DAY_MS,
    whole: true,
    default: DEFAULTS.retentionMs,
    description: 'Ms that SQS keeps a message; whole seconds. Dead-letter queues always have 14 days.',
  },
  maxMessageBytes: {
    type: 'number',
    min: 8_192,
    max: DEFAULTS.maxMessageBytes,
    whole: true,
    default: DEFAULTS.maxMessageBytes,
    description: 'Most bytes of one message.',
  },
  fairQueues: {
    type: 'boolean',
    default: DEFAULTS.fairQueues,
    description: "Standard queues get a message's key as MessageGroupId, so that one busy key does not delay the others.",
  },
  highThroughputFifo: {
    type: 'boolean',
    default: DEFAULTS.highThroughputFifo,
    description: 'FIFO queues are made with a limit of calls for each message group instead of one for the queue.',
  },
  retry: {
    type: 'string',
    values: ['visibility', 'copy'],
    default: DEFAULTS.retry,
    description: 'How a failed message of a standard queue waits: hidden where it is, or as a copy, which counts failures only.',
  },
  kmsKeyId: {
    type: 'string',
    description: 'KMS key that queues are encrypted with. Default: SQS encrypts them itself (SSE-SQS).',
  },
  tags: {
    type: 'map',
    of: { type: 'string', description: 'Value of a tag.' },
    description: 'Tags of the queues that are made. Default: none.',
  },
};

/** SQS counts these in seconds. */
const IN_SECONDS = ['visibilityMs', 'waitMs', 'retentionMs'] as const;

/** The options, if they can be meant. Throws CONFIG for times that SQS cannot keep: nothing is rounded. */
export function checkedOptions<O extends Pick<ResolvedOptions, (typeof IN_SECONDS)[number]>>(options: O): O {
  for (const name of IN_SECONDS)
    if (options[name] % SECOND_MS !== 0)
      throw sqsError('CONFIG', `the option '${name}' is ${options[name]} ms, and SQS counts in whole seconds`);
  return options;
}
