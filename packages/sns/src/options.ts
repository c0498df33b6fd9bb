import type { OptionSpecs } from '@omnibus/core/transport';
import {
  type ResolvedOptions as ResolvedSqsOptions,
  DEFAULTS as SQS_DEFAULTS,
  type SqsOptions,
  sqsOptionSpecs,
} from '@omnibus/sqs';
import { snsError } from './errors.js';
import { type EndpointOptions, endpointsOption } from './http/options.js';

/** What receives a topic besides the groups: a person's phone, a mailbox, a function. */
export interface TopicEndpoint {
  readonly protocol: 'sms' | 'email' | 'email-json' | 'application' | 'lambda' | 'firehose' | 'http' | 'https';
  /** As SNS takes it for the protocol: a phone number in E.164, a mail address, an ARN, a URL. */
  readonly endpoint: string;
  /** `firehose` only: the role that SNS writes by. */
  readonly roleArn?: string | undefined;
}

/** Options of the SNS transport: those of SQS, which carries its queues and what its groups wait in, and those of topics. */
export interface SnsOptions extends SqsOptions {
  /** Most bytes of one message on a topic, and of all in one call: 1 KiB to 1 MiB. Over 256 KiB only for groups, Lambda and Firehose. Default: 262,144. */
  readonly topicMaxMessageBytes?: number;
  /** KMS key that topics are encrypted with: `alias/aws/sns`, or an own one. Default: none, SNS encrypts no topic by itself. */
  readonly topicKmsKeyId?: string;
  /** Whether what SNS cannot bring into a group's queue goes to its dead-letter queue; without it SNS drops it. Default: true. */
  readonly subscriptionDeadLetters?: boolean;
  /** By the name of a topic that the application only sends to: who receives it. Default: none. */
  readonly subscriptions?: Readonly<Record<string, readonly TopicEndpoint[]>>;
  /** By `channel/group`: groups that SNS posts to over HTTP. Their queues stay, for retries and what SNS could not post. Default: none. */
  readonly endpoints?: Readonly<Record<string, EndpointOptions>>;
}

/** The options with every default filled in. */
export type ResolvedOptions = ResolvedSqsOptions &
  Readonly<
    Required<Pick<SnsOptions, 'topicMaxMessageBytes' | 'subscriptionDeadLetters'>> &
      Pick<SnsOptions, 'topicKmsKeyId' | 'subscriptions' | 'endpoints'>
  >;

/** What SNS takes by default. */
export const TOPIC_BYTES = 262_144;

/** What holds where nothing is said. */
export const DEFAULTS = Object.freeze({
  ...SQS_DEFAULTS,
  topicMaxMessageBytes: TOPIC_BYTES,
  subscriptionDeadLetters: true,
} as const) satisfies ResolvedOptions;

const PROTOCOLS: readonly string[] = ['sms', 'email', 'email-json', 'application', 'lambda', 'firehose', 'http', 'https'];

/** The options, said once for every reader of configurations. */
export const options: OptionSpecs<SnsOptions> = {
  ...sqsOptionSpecs,
  accountId: {
    type: 'string',
    pattern: /^\d{12}$/,
    description:
      'Twelve digits: the account that the topics are in. Default: each topic is looked up by its name when it is first used.',
  },
  tags: {
    type: 'map',
    of: { type: 'string', description: 'Value of a tag.' },
    description: 'Tags of the queues and topics that are made. Default: none.',
  },
  topicMaxMessageBytes: {
    type: 'number',
    min: 1_024,
    max: 1_048_576,
    whole: true,
    default: DEFAULTS.topicMaxMessageBytes,
    description: 'Most bytes of one message on a topic; over 262,144 only for topics with groups, Lambda and Firehose.',
  },
  topicKmsKeyId: {
    type: 'string',
    description: 'KMS key that topics are encrypted with: alias/aws/sns, or an own one. Default: none.',
  },
  subscriptionDeadLetters: {
    type: 'boolean',
    default: DEFAULTS.subscriptionDeadLetters,
    description: "Whether what SNS cannot bring into a group's queue goes to its dead-letter queue instead of being dropped.",
  },
  endpoints: endpointsOption,
  subscriptions: {
    type: 'map',
    of: { type: 'any', description: 'A list of receivers: { protocol, endpoint }.' },
    description: 'By the name of a topic that is only sent to: who receives it, as a list of { protocol, endpoint }.',
  },
};

/** Throws CONFIG, naming the topic, for receivers that are written otherwise than as a list of { protocol, endpoint }. */
export function checkEndpoints(subscriptions: SnsOptions['subscriptions']): void {
  for (const [name, endpoints] of Object.entries(subscriptions ?? {})) {
    if (!Array.isArray(endpoints))
      throw snsError('CONFIG', `the option 'subscriptions' of topic '${name}' is no list of { protocol, endpoint }`);
    for (const each of endpoints as readonly Partial<TopicEndpoint>[]) {
      if (!PROTOCOLS.includes(String(each?.protocol)))
        throw snsError(
          'CONFIG',
          `the option 'subscriptions' of topic '${name}' has a protocol that is none of ${PROTOCOLS.join(', ')}`,
        );
      if (typeof each.endpoint !== 'string' || each.endpoint === '')
        throw snsError('CONFIG', `the option 'subscriptions' of topic '${name}': a receiver by ${each.protocol} has no endpoint`);
    }
  }
}
