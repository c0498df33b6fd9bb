import type { Permission, Topology } from '@omnibus/core/transport';
import { queueName } from './names.js';
import type { SqsOptions } from './options.js';
import { partitionOf } from './queues.js';
import { queuesOf } from './topology.js';

const PRODUCE = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
const CONSUME = ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
const VERIFY = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];
const PROVISION = [...VERIFY, 'sqs:CreateQueue'];

/** What a role may do with the key that queues are encrypted with. */
const KEY: Readonly<Record<Permission['role'], readonly string[]>> = {
  produce: ['kms:GenerateDataKey', 'kms:Decrypt'],
  consume: ['kms:Decrypt'],
  provision: [],
};

/** IAM policies for what a topology needs, one a role, for exact queues; what the options do not say of an ARN is `*`. */
export function sqsPermissions(topology: Topology, options: SqsOptions): readonly Permission[] {
  const { channels, subscriptions, deadLetters, retries } = topology;
  const sent = [...channels, ...retries, ...deadLetters].map(({ address, ordered }) => ({ address, isFifo: ordered }));
  const received = subscriptions.map(({ address, ordered }) => ({ address, isFifo: ordered }));
  const provision = options.tags === undefined ? PROVISION : [...PROVISION, 'sqs:TagQueue'];
  const role = (name: Permission['role'], actions: readonly string[], queues: typeof sent): readonly Permission[] => {
    if (queues.length === 0) return [];
    const arns = queues.map(({ address, isFifo }) => queueArn(queueName(address, isFifo), options));
    const statements = [allow(actions, [...new Set(arns)].toSorted())];
    if (options.kmsKeyId !== undefined && KEY[name].length > 0)
      statements.push(allow(KEY[name], [keyArn(options.kmsKeyId, options)]));
    return [{ role: name, text: JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2) }];
  };
  return [
    ...role('produce', PRODUCE, sent),
    ...role('consume', CONSUME, received),
    ...role('provision', provision, [...queuesOf(topology)]),
  ];
}

const allow = (actions: readonly string[], resources: readonly string[]) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
});

/** IAM knows no aliases of keys: then any key of the account. */
function keyArn(key: string, { region, accountId }: Pick<SqsOptions, 'region' | 'accountId'>): string {
  if (key.startsWith('arn:') && !key.includes(':alias/')) return key;
  const id = /^[\w-]+$/.test(key) ? key : '*';
  return `arn:${region === undefined ? '*' : partitionOf(region)}:kms:${region ?? '*'}:${accountId ?? '*'}:key/${id}`;
}

/** A queue's ARN as far as the options say it. */
function queueArn(name: string, { region, accountId }: Pick<SqsOptions, 'region' | 'accountId'>): string {
  const partition = region === undefined ? '*' : partitionOf(region);
  return `arn:${partition}:sqs:${region ?? '*'}:${accountId ?? '*'}:${name}`;
}
