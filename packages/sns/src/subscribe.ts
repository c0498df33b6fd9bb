import type { Drift } from '@omnibus/core/transport';
import { backstopOf, queueName } from '@omnibus/sqs';
import type { Attributes, ListedSubscription } from './client.js';
import type { Place } from './declare.js';
import { snsError } from './errors.js';
import { canonical, widened } from './filter-drift.js';
import type { FilterPolicy } from './filter-policy.js';
import type { TopicEndpoint } from './options.js';
import { letTopicWrite } from './queue-policy.js';
import type { GroupDeclaration, TopicDeclaration } from './topology.js';

/** A topic that stands, and what was found of its subscriptions. */
export interface TopicPlace {
  readonly topicArn: string;
  readonly declaration: TopicDeclaration;
  readonly listed: readonly ListedSubscription[];
  readonly place: Place;
}

/** SNS lists no ARN for what is not confirmed. */
const isConfirmed = ({ arn }: ListedSubscription): boolean => arn.startsWith('arn:');

/** A group's subscription, and the right of SNS to write to its queue, which stands before it. */
export async function subscribeGroup(topic: TopicPlace, group: GroupDeclaration): Promise<readonly Drift[]> {
  const { topicArn, declaration, listed, place } = topic;
  const name = queueName(group.address, declaration.isFifo);
  const object = `subscription of queue '${name}' to topic '${declaration.name}'`;
  const own = await allow(topic, name);
  if (own.arn === undefined) return own.drifts; // the queue is missing, which was told with the queues
  const deadName = place.options.subscriptionDeadLetters ? deadLettersOf(group.address, declaration) : undefined;
  const dead = deadName === undefined ? undefined : await allow(topic, deadName);
  const drifts = [...own.drifts, ...(dead?.drifts ?? [])];
  const redrive = dead?.arn === undefined ? undefined : JSON.stringify({ deadLetterTargetArn: dead.arn });
  const found = listed.find(({ protocol, endpoint }) => protocol === 'sqs' && endpoint === own.arn);
  if (found !== undefined) return [...drifts, ...(await compare(found, group, redrive, object, place))];
  if (place.mode === 'verify') return [...drifts, missing(object)];
  const attributes = {
    RawMessageDelivery: 'true',
    ...filterAttributes(group.isOnlyNamed ? undefined : group.filter),
    ...(redrive === undefined ? {} : { RedrivePolicy: redrive }),
  };
  const arn = await place.client.subscribe(`making the ${object}`, topicArn, 'sqs', own.arn, attributes);
  return arn.startsWith('arn:') ? drifts : [...drifts, pending(object)];
}

/** Where SNS puts what it cannot bring: a queue of the group's own type; undefined for a group that waits in a dead-letter queue itself. */
function deadLettersOf(address: string, { isFifo }: TopicDeclaration): string | undefined {
  const target = backstopOf(address);
  return target === undefined ? undefined : queueName(target, isFifo);
}

/** Lets SNS write to a queue, for this topic alone; what else its policy says stays. */
async function allow(
  { topicArn, declaration, place }: TopicPlace,
  name: string,
): Promise<{ readonly arn: string | undefined; readonly drifts: readonly Drift[] }> {
  const queue = await place.queues.find(`looking at the policy of queue '${name}'`, name);
  if (queue === undefined) return { arn: undefined, drifts: [] };
  const policy = letTopicWrite(queue.policy, queue.arn, topicArn);
  if (policy === undefined) return { arn: queue.arn, drifts: [] };
  if (place.mode === 'create') {
    await place.queues.setPolicy(`letting topic '${declaration.name}' write to queue '${name}'`, queue.url, policy);
    return { arn: queue.arn, drifts: [] };
  }
  const wanted = `sns.amazonaws.com may sqs:SendMessage for ${topicArn}`;
  return { arn: queue.arn, drifts: [{ object: `queue '${name}'`, property: 'Policy', wanted, found: 'missing' }] };
}

/** A subscription that stands, property by property. What it lacks is added; what it has stays. */
async function compare(
  found: ListedSubscription,
  group: GroupDeclaration,
  redrive: string | undefined,
  object: string,
  { client, mode }: Place,
): Promise<readonly Drift[]> {
  if (!isConfirmed(found)) return [pending(object)];
  const attributes = await client.subscriptionAttributes(`looking at the ${object}`, found.arn);
  const set = (name: string, value: string): Promise<void> =>
    client.setSubscriptionAttribute(`setting ${name} of the ${object}`, found.arn, name, value);
  const drifts: Drift[] = [];
  const { RawMessageDelivery = 'false', RedrivePolicy } = attributes;
  if (RawMessageDelivery !== 'true')
    drifts.push({ object, property: 'RawMessageDelivery', wanted: 'true', found: RawMessageDelivery });
  if (redrive !== undefined && !isSame(redrive, RedrivePolicy)) {
    if (mode === 'create' && RedrivePolicy === undefined) await set('RedrivePolicy', redrive);
    else drifts.push({ object, property: 'RedrivePolicy', wanted: redrive, found: RedrivePolicy ?? 'missing' });
  }
  if (!group.isOnlyNamed) drifts.push(...(await widen(attributes, group, object, mode, set)));
  return drifts;
}

/** A filter that leaves out what this group wants now loses it silently: it is widened, or told. */
async function widen(
  found: Attributes,
  { filter, types }: GroupDeclaration,
  object: string,
  mode: 'create' | 'verify',
  set: (name: string, value: string) => Promise<void>,
): Promise<readonly Drift[]> {
  const widening = widened(found, filter, types);
  if (widening === 'fits') return [];
  if (mode === 'create' && widening !== 'foreign') {
    await set('FilterPolicy', widening === 'everything' ? '{}' : JSON.stringify(widening));
    return [];
  }
  const wanted = filter === undefined ? 'none' : `${JSON.stringify(filter.policy)} on ${filter.scope}`;
  const says = `${found['FilterPolicy']} on ${found['FilterPolicyScope'] ?? 'MessageAttributes'}`;
  return [{ object, property: 'FilterPolicy', wanted, found: says }];
}

const filterAttributes = (filter: FilterPolicy | undefined): Attributes =>
  filter === undefined ? {} : { FilterPolicy: JSON.stringify(filter.policy), FilterPolicyScope: filter.scope };

function isSame(wanted: string, found: string | undefined): boolean {
  try {
    return found !== undefined && canonical(JSON.parse(found)) === canonical(JSON.parse(wanted));
  } catch {
    return false;
  }
}

const missing = (object: string): Drift => ({ object, property: 'existence', wanted: 'a subscription', found: 'missing' });

/** Where the queue is in another account its owner has to confirm. */
const pending = (object: string): Drift => ({ object, property: 'confirmation', wanted: 'confirmed', found: 'pending' });

/** A person, a function or a stream that receives the topic. Whether a person has confirmed is theirs to say: it is not waited for. */
export async function subscribeEndpoint(
  { topicArn, declaration, listed, place }: TopicPlace,
  { protocol, endpoint, roleArn }: TopicEndpoint,
): Promise<readonly Drift[]> {
  const object = `${protocol} subscription of topic '${declaration.name}'`; // endpoints are people's: none in messages
  if (listed.some((each) => each.protocol === protocol && each.endpoint === endpoint)) return [];
  if (place.mode === 'verify') return [missing(object)];
  if (protocol === 'firehose' && roleArn === undefined)
    throw snsError('CONFIG', `the ${object} needs roleArn in the option 'subscriptions': the role that SNS writes by`);
  const attributes = roleArn === undefined ? {} : { SubscriptionRoleArn: roleArn };
  await place.client.subscribe(`making the ${object}`, topicArn, protocol, endpoint, attributes);
  return [];
}
