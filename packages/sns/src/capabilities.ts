import { type Capabilities, type Channel, isSubscription, type Subscription } from '@omnibus/core/transport';
import { sqsCapabilities } from '@omnibus/sqs/capabilities';
import { filterPolicy } from './filter-policy.js';
import { httpCapabilities } from './http/capabilities.js';
import { DEFAULTS, type ResolvedOptions, type SnsOptions } from './options.js';
import { queueOf } from './topology.js';

/** What a message takes on the wire beyond what the core counts: types of attributes, the envelope's names. */
const ENVELOPE_BYTES = 512;

const UNLIMITED = Number.POSITIVE_INFINITY;

/** What an endpoint can do with these options, with or without AWS: a queue what SQS can, a group what its queue can. */
export function snsCapabilities(options: SnsOptions = {}): (endpoint: Channel | Subscription) => Capabilities {
  const resolved: ResolvedOptions = { ...DEFAULTS, ...options };
  const ofQueue = sqsCapabilities(resolved);
  const isPosted = ({ channel, group }: Subscription): boolean => options.endpoints?.[`${channel.name}/${group}`] !== undefined;
  return (endpoint) => {
    const { kind } = isSubscription(endpoint) ? endpoint.channel : endpoint;
    if (kind !== 'topic') return ofQueue(endpoint);
    if (isSubscription(endpoint) && isPosted(endpoint)) return httpCapabilities(endpoint, ofQueue(queueOf(endpoint)));
    return isSubscription(endpoint)
      ? ofGroup(endpoint, resolved, ofQueue(queueOf(endpoint)))
      : ofTopic(endpoint, resolved, ofQueue(endpoint));
  };
}

function ofTopic(channel: Channel, { topicMaxMessageBytes, subscriptions }: ResolvedOptions, queue: Capabilities): Capabilities {
  const { native, limits } = queue;
  const { headers, durable, ordering, dedup } = native;
  const bytes = topicMaxMessageBytes - ENVELOPE_BYTES;
  const endpoints = subscriptions?.[channel.name] ?? [];
  const isMail = endpoints.some(({ protocol }) => protocol.startsWith('email'));
  return {
    native: known({ headers, durable, ordering, dedup }),
    limits: { ...limits, sendBytes: bytes, headers: { ...limits.headers, bytes } },
    caveats: said([
      [channel.ordered, 'sns: a FIFO topic takes 3,000 messages/s, or 20 MB/s, by default, and has 100 subscriptions at most'],
      [isMail, `sns: a mailbox gets nothing of topic '${channel.address}' until its owner has confirmed the subscription`],
    ]),
  };
}

function ofGroup(subscription: Subscription, { subscriptions, kmsKeyId }: ResolvedOptions, queue: Capabilities): Capabilities {
  const { receive, ...native } = queue.native;
  const { name, address } = subscription.channel;
  const isOnlySentTo = subscriptions?.[name] !== undefined;
  const policy = filterPolicy(subscription);
  return {
    native: known({ ...native, ...(isOnlySentTo ? {} : { receive }), filter: UNLIMITED }),
    limits: queue.limits,
    caveats: [
      ...queue.caveats,
      ...said([
        [
          isOnlySentTo,
          `sns: topic '${address}' is only sent to, as the option 'subscriptions' names who receives it: take '${name}' out of it to consume it with groups`,
        ],
        [
          policy !== undefined,
          'sns: SNS takes up to 15 minutes to apply a changed filter; what a group no longer wants stays in its filter, and is left out when it arrives',
        ],
        [
          policy?.scope === 'MessageAttributes' && subscription.types.length < subscription.channel.types.length,
          'sns: a message of others that has no attributes at all never reaches a group that is filtered by type',
        ],
        [
          policy?.scope === 'MessageBody',
          'sns: a filter on fields lets pass JSON objects only: a body that goes as base64 (it has U+FFFE or U+FFFF) never reaches the group',
        ],
        [
          kmsKeyId !== undefined,
          "sns: the policy of the queues' KMS key has to let sns.amazonaws.com use it (kms:GenerateDataKey, kms:Decrypt), or nothing reaches a group; alias/aws/sqs cannot",
        ],
        [true, 'sns: a topic keeps nothing: what was sent before a group first started never reaches it'],
      ]),
    ],
  };
}

const said = (all: readonly (readonly [boolean, string])[]): readonly string[] =>
  all.filter(([applies]) => applies).map(([, sentence]) => sentence);

/** Without what is undefined. */
const known = <T extends object>(features: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(features).filter(([, ceiling]) => ceiling !== undefined)) as never;
