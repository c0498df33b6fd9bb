import type { Channel, Permission, Topology } from '@omnibus/core/transport';
import { partitionOf } from '@omnibus/sqs';
import { isArn } from './names.js';
import type { ResolvedOptions } from './options.js';
import { topicsOf } from './topology.js';

type Role = Permission['role'];

interface Statement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** Health asks for a topic's attributes. */
const PRODUCE = ['sns:Publish', 'sns:GetTopicAttributes'];
const PROVISION = ['sns:CreateTopic', 'sns:GetTopicAttributes', 'sns:ListSubscriptionsByTopic', 'sns:Subscribe'];
/** IAM knows no resource for these. */
const ANYWHERE = ['sns:GetSubscriptionAttributes', 'sns:SetSubscriptionAttributes'];
const UNSUBSCRIBE = 'sns:Unsubscribe';

/** The policies of the queues, with what topics need besides: one policy a role, for exact topics. */
export function snsPermissions(
  topology: Topology,
  sends: readonly Channel[],
  options: ResolvedOptions,
  queues: readonly Permission[],
): readonly Permission[] {
  const topics = topicsOf(topology, options).map(({ address, name }) => (isArn(address) ? address : topicArn(name, options)));
  const sent = new Set(sends.filter(({ kind }) => kind === 'topic').map(({ address }) => address));
  const produced = topicsOf(topology, options)
    .filter(({ address }) => sent.has(address))
    .map(({ address, name }) => (isArn(address) ? address : topicArn(name, options)));
  const isTemporary = topology.subscriptions.some(({ channel, temporary }) => temporary && channel.kind === 'topic');
  const tags = options.tags === undefined ? [] : ['sns:TagResource'];
  const lookup = options.accountId === undefined ? ['sns:ListTopics'] : [];
  const own: Readonly<Record<Role, readonly Statement[]>> = {
    produce: produced.length === 0 ? [] : [allow(PRODUCE, produced), ...anywhere(lookup)],
    consume: [],
    redrive: [],
    provision:
      topics.length === 0
        ? []
        : [allow([...PROVISION, ...tags], topics), ...anywhere([...ANYWHERE, ...(isTemporary ? [UNSUBSCRIBE] : []), ...lookup])],
  };
  return (['produce', 'consume', 'provision', 'redrive'] as const).flatMap((role) => {
    const text = merged(queues.find((each) => each.role === role)?.text, own[role]);
    return text === undefined ? [] : [{ role, text }];
  });
}

const allow = (Action: readonly string[], resources: readonly string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: [...new Set(resources)].toSorted(),
});

const anywhere = (actions: readonly string[]): readonly Statement[] => (actions.length === 0 ? [] : [allow(actions, ['*'])]);

/** A topic's ARN as far as the options say it. */
function topicArn(name: string, { region, accountId }: ResolvedOptions): string {
  const partition = region === undefined ? '*' : partitionOf(region);
  return `arn:${partition}:sns:${region ?? '*'}:${accountId ?? '*'}:${name}`;
}

function merged(text: string | undefined, statements: readonly Statement[]): string | undefined {
  if (statements.length === 0) return text;
  const policy = (text === undefined ? { Version: '2012-10-17', Statement: [] } : JSON.parse(text)) as {
    Statement: readonly Statement[];
  };
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, ...statements] }, undefined, 2);
}
