import type { Permission, Topology } from '@omnibus/core/transport';
import { queueName } from './names.js';
import type { SqsOptions } from './options.js';
import { partitionOf } from './queues.js';
import { queuesOf } from './topology.js';

const PRODUCE = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
const CONSUME = ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
const VERIFY = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];
const PROVISION = [...VERIFY, 'sqs:CreateQueue', 'sqs:SetQueueAttributes'];

/** IAM policies for what a topology needs, one a role, for exact queues; what the options do not say of an ARN is `*`. */
export function sqsPermissions(topology: Topology, options: SqsOptions): readonly Permission[] {
  const { channels, subscriptions, deadLetters, retries } = topology;
  const arns = (named: readonly { readonly address: string; readonly isFifo: boolean }[]): readonly string[] =>
    [...new Set(named.map(({ address, isFifo }) => queueArn(queueName(address, isFifo), options)))].toSorted();
  const sent = [...channels, ...retries, ...deadLetters].map(({ address, ordered }) => ({ address, isFifo: ordered }));
  const received = subscriptions.map(({ address, ordered }) => ({ address, isFifo: ordered }));
  const roles: readonly (readonly [Permission['role'], readonly string[], readonly string[]])[] = [
    ['produce', PRODUCE, arns(sent)],
    ['consume', CONSUME, arns(received)],
    ['provision', options.tags === undefined ? PROVISION : [...PROVISION, 'sqs:TagQueue'], arns(queuesOf(topology))],
  ];
  return roles
    .filter(([, , resources]) => resources.length > 0)
    .map(([role, actions, resources]) => ({ role, text: policy(actions, resources) }));
}

/** A queue's ARN as far as the options say it. */
export function queueArn(name: string, { region, accountId }: Pick<SqsOptions, 'region' | 'accountId'>): string {
  const partition = region === undefined ? '*' : partitionOf(region);
  return `arn:${partition}:sqs:${region ?? '*'}:${accountId ?? '*'}:${name}`;
}

const policy = (actions: readonly string[], resources: readonly string[]): string =>
  JSON.stringify(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }] },
    undefined,
    2,
  );
