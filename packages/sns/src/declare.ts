import type { Drift } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';
import type { ListedSubscription, QueuesClient, SnsClient } from './client.js';
import { isMissing, snsError } from './errors.js';
import { isArn } from './names.js';
import type { ResolvedOptions } from './options.js';
import { subscribeEndpoint, subscribeGroup } from './subscribe.js';
import { differences, topicAttributes } from './topic-attributes.js';
import type { Topics } from './topics.js';
import type { TopicDeclaration } from './topology.js';

/** What provisioning stands on. */
export interface Place {
  readonly client: SnsClient;
  readonly queues: QueuesClient;
  readonly topics: Topics;
  readonly options: ResolvedOptions;
  readonly mode: 'create' | 'verify';
}

/** Topics that are looked at at one time; SNS makes 30 a second. */
const AT_ONCE = 8;

/**
 * Makes what is missing of topics, subscriptions and the rights of SNS on queues, or only looks. What exists is never changed, but
 * for what it lacks: a statement in a queue's policy, a filter that leaves out what a group wants now.
 */
export async function declare(declarations: readonly TopicDeclaration[], place: Place): Promise<readonly Drift[]> {
  place.topics.refresh();
  const drifts: Drift[][] = declarations.map(() => []);
  const rest = declarations.entries();
  const worker = async (): Promise<void> => {
    for (const [index, declaration] of rest) drifts[index]!.push(...(await declareTopic(declaration, place)));
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, declarations.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return drifts.flat();
}

async function declareTopic(declaration: TopicDeclaration, place: Place): Promise<readonly Drift[]> {
  const { topicArn, drifts } = await ensureTopic(declaration, place);
  if (topicArn === undefined) return drifts;
  const listed = await subscriptionsOf(topicArn, declaration, place);
  const all = [...drifts];
  for (const group of declaration.groups) all.push(...(await subscribeGroup({ topicArn, declaration, listed, place }, group)));
  for (const endpoint of declaration.endpoints)
    all.push(...(await subscribeEndpoint({ topicArn, declaration, listed, place }, endpoint)));
  return all;
}

async function ensureTopic(
  { address, name, isFifo }: TopicDeclaration,
  { client, topics, options, mode }: Place,
): Promise<{ readonly topicArn: string | undefined; readonly drifts: readonly Drift[] }> {
  const object = `topic '${name}'${name === address ? '' : ` of '${address}'`}`;
  const wanted = topicAttributes(isFifo, options);
  const known = await topics.find(address, isFifo);
  const found = known === undefined ? undefined : await attributesOf(client, known, `looking at ${object}`);
  if (known !== undefined && found !== undefined) {
    topics.add(name, known);
    return { topicArn: known, drifts: differences(wanted, found).map((difference) => ({ object, ...difference })) };
  }
  const other = await otherType(address, isFifo, client, topics);
  if (other !== undefined) return { topicArn: undefined, drifts: [{ object, ...other }] };
  if (mode === 'verify')
    return { topicArn: undefined, drifts: [{ object, property: 'existence', wanted: 'a topic', found: 'missing' }] };
  if (isArn(address)) throw snsError('TOPOLOGY', `there is no topic '${address}', and an address that is an ARN is never made`);
  const topicArn = await client.createTopic(`making ${object}`, name, wanted, options.tags ?? {});
  topics.add(name, topicArn);
  return { topicArn, drifts: [] };
}

/** Undefined where there is no such topic. */
async function attributesOf(
  client: SnsClient,
  topicArn: string,
  where: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    return await client.topicAttributes(where, topicArn);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A topic of the other type under the same address is what somebody forgot to say, or to leave out: `ordered`. */
async function otherType(
  address: string,
  isFifo: boolean,
  client: SnsClient,
  topics: Topics,
): Promise<{ readonly property: string; readonly wanted: string; readonly found: string } | undefined> {
  if (isArn(address)) return undefined;
  if (!isFifo && queueName(address, false).length > 75) return undefined; // with .fifo it would be too long to be one
  const arn = await topics.find(address, !isFifo);
  if (arn === undefined || (await attributesOf(client, arn, `looking for a topic '${address}' of the other type`)) === undefined)
    return undefined;
  const [wanted, found] = isFifo ? ['FIFO', 'standard'] : ['standard', 'FIFO'];
  return {
    property: 'type',
    wanted: `${wanted}, as the channel says ordered: ${isFifo}`,
    found: `${found} ('${queueName(address, !isFifo)}'), and SNS changes no topic's type: make another, or say ordered: ${!isFifo}`,
  };
}

/** All that the topic has; nobody is asked where nothing is to be subscribed. */
async function subscriptionsOf(
  topicArn: string,
  { name, groups, endpoints }: TopicDeclaration,
  { client }: Place,
): Promise<readonly ListedSubscription[]> {
  const all: ListedSubscription[] = [];
  if (groups.length === 0 && endpoints.length === 0) return all;
  let next: string | undefined;
  do {
    const page = await client.subscriptions(`looking at the subscriptions of topic '${name}'`, topicArn, next);
    all.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return all;
}
