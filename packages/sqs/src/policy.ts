import type { Channel, Permission, RedrivePaths, Sending, Topology } from '@omnibus/core/transport';
import { queueName } from './names.js';
import type { SqsOptions } from './options.js';
import { partitionOf } from './queues.js';
import { type Named, queuesOf } from './topology.js';

const PRODUCE = ['sqs:GetQueueUrl', 'sqs:SendMessage'];
const CONSUME = ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
const VERIFY = ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'];
const PROVISION = [...VERIFY, 'sqs:CreateQueue'];

/** What a role may do with the key that queues are encrypted with. */
const KEY: Readonly<Record<Permission['role'], readonly string[]>> = {
  produce: ['kms:GenerateDataKey', 'kms:Decrypt'],
  consume: ['kms:Decrypt'],
  provision: [],
  redrive: ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** The reply queues of whatever service asks. */
const REPLIES = '*--replies--*';

/**
 * IAM policies for what a topology needs, one a role, for exact queues; what the options do not say of an ARN is `*`, and so is the
 * instance in the names of temporary queues.
 */
export function sqsPermissions(
  topology: Topology,
  sending: Sending,
  redrives: RedrivePaths,
  options: SqsOptions,
  instance: string,
): readonly Permission[] {
  const nameOf = ({ address, isFifo, isTemporary }: Named): string => {
    const name = queueName(address, isFifo);
    return isTemporary ? name.replaceAll(instance, '*') : name;
  };
  const queueOf = ({ address, ordered, temporary }: Channel): string =>
    nameOf({ address, isFifo: ordered, isTemporary: temporary });
  const sent = sending.channels.map(queueOf);
  const received = topology.subscriptions.map(({ address, ordered, temporary: isTemporary }) =>
    nameOf({ address, isFifo: ordered, isTemporary }),
  );
  const all = queuesOf(topology);
  const temporary = all.filter(({ isTemporary }) => isTemporary).map(nameOf);
  const provision = options.tags === undefined ? PROVISION : [...PROVISION, 'sqs:TagQueue'];
  const role = (
    name: Permission['role'],
    ...needs: readonly (readonly [actions: readonly string[], queues: readonly string[]])[]
  ): readonly Permission[] => {
    const statements = needs
      .filter(([, queues]) => queues.length > 0)
      .map(([actions, queues]) =>
        allow(
          actions,
          [...new Set(queues)].toSorted().map((queue) => queueArn(queue, options)),
        ),
      );
    if (statements.length === 0) return [];
    if (options.kmsKeyId !== undefined && KEY[name].length > 0)
      statements.push(allow(KEY[name], [keyArn(options.kmsKeyId, options)]));
    return [{ role: name, text: JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2) }];
  };
  return [
    ...role('produce', [PRODUCE, sending.replies ? [...sent, REPLIES] : sent]),
    ...role('consume', [CONSUME, received]),
    ...role('provision', [provision, all.map(nameOf)], [['sqs:DeleteQueue'], temporary]),
    ...role('redrive', [CONSUME, redrives.from.map(queueOf)], [PRODUCE, redrives.to.map(queueOf)]),
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
