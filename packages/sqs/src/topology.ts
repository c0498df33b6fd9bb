import { type Channel, type Drift, isMessagingError, type Topology } from '@omnibus/core/transport';
import { attributesOf, differences, type QueueWish } from './attributes.js';
import type { SqsClient } from './client.js';
import { sqsError } from './errors.js';
import { backstopOf, isDead, queueName } from './names.js';
import type { ResolvedOptions } from './options.js';
import { type Queue, type Queues, urlOf } from './queues.js';

/** What provisioning stands on. */
export interface TopologyPlace {
  readonly client: SqsClient;
  readonly queues: Queues;
  readonly options: ResolvedOptions;
}

/** Calls that are open at one time. */
const AT_ONCE = 8;

/** A queue by what it is called for. */
interface Named {
  readonly address: string;
  readonly isFifo: boolean;
}

/** Every queue of a topology once, backstops included; those that others name come first. Throws for channels that are none. */
export function queuesOf({ channels, subscriptions, deadLetters, retries }: Topology): readonly Named[] {
  const once = new Map<string, Named>();
  const add = (address: string, isFifo: boolean): void => {
    const target = backstopOf(address);
    if (target !== undefined) once.set(queueName(target, isFifo), { address: target, isFifo });
    once.set(queueName(address, isFifo), { address, isFifo });
  };
  for (const channel of [...channels, ...retries, ...deadLetters]) add(checked(channel).address, channel.ordered);
  for (const { channel, address, ordered } of subscriptions) add(checked(channel) && address, ordered);
  return [...once.values()];
}

function checked(channel: Channel): Channel {
  if (channel.kind === 'queue') return channel;
  throw sqsError('CAPABILITY', `'${channel.name}' is a ${channel.kind}, and SQS carries queues only. use: sns carries both`);
}

/** Makes what is missing, or only looks; gives what is not as wanted. What was found as wanted once is not looked at again. */
export async function provision(topology: Topology, mode: 'create' | 'verify', place: TopologyPlace): Promise<readonly Drift[]> {
  const wanted = queuesOf(topology).filter(({ address, isFifo }) => place.queues.known(queueName(address, isFifo)) === undefined);
  const isEnd = ({ address }: Named): boolean => backstopOf(address) === undefined;
  const drifts: Drift[] = [];
  // what a backstop points at has to be there before it
  for (const part of [wanted.filter(isEnd), wanted.filter((named) => !isEnd(named))])
    await each(part, async (named) => void drifts.push(...(await (mode === 'create' ? make : look)(named, place))));
  return drifts;
}

/** Runs `work` on each, a few at a time; throws the first error once all have ended. */
async function each<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const worker = async (): Promise<void> => {
    for (const one of rest) await work(one);
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, list.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function make(named: Named, place: TopologyPlace): Promise<readonly Drift[]> {
  const { client, queues, options } = place;
  const wish = await wishOf(named, place);
  const attributes = attributesOf(wish, options);
  try {
    const { QueueUrl = '' } = await client.createQueue(`making queue '${wish.name}'`, {
      QueueName: wish.name,
      Attributes: attributes,
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    });
    queues.add(wish.name, QueueUrl);
    return [];
  } catch (error) {
    // it is there, and otherwise: what SQS means by that is told attribute by attribute
    if (isMessagingError(error, 'TOPOLOGY') && !error.retryable) return look(named, place);
    throw error;
  }
}

async function look(named: Named, place: TopologyPlace): Promise<readonly Drift[]> {
  const { client, queues, options } = place;
  const wish = await wishOf(named, place);
  const object = `queue '${wish.name}'`;
  const url = await urlOf(client, wish.name);
  if (url === undefined) return [await missing(named, place)];
  const { Attributes = {} } = await client.getQueueAttributes(`looking at ${object}`, {
    QueueUrl: url,
    AttributeNames: ['All'],
  });
  const found = differences(attributesOf(wish, options), Attributes);
  if (found.every((difference) => difference.found === 'unreadable')) queues.add(wish.name, url);
  return found.map((difference) => ({ object, ...difference }));
}

/** A queue of the other type under the same address is what somebody forgot to say, or to leave out: `ordered`. */
async function missing({ address, isFifo }: Named, { client }: TopologyPlace): Promise<Drift> {
  const object = `queue '${queueName(address, isFifo)}' of '${address}'`;
  const other = isFifo || queueName(address, false).length <= 75 ? queueName(address, !isFifo) : undefined;
  const url = other === undefined ? undefined : await urlOf(client, other).catch(() => undefined); // the login need not see it
  if (url === undefined) return { object, property: 'existence', wanted: 'a queue', found: 'missing' };
  const [wanted, found] = isFifo ? ['FIFO', 'standard'] : ['standard', 'FIFO'];
  return {
    object,
    property: 'type',
    wanted: `${wanted}, as the channel says ordered: ${isFifo}`,
    found: `${found} ('${other}'), and SQS changes no queue's type: make another, or say ordered: ${!isFifo}`,
  };
}

async function wishOf({ address, isFifo }: Named, { queues }: TopologyPlace): Promise<QueueWish> {
  const target = backstopOf(address);
  return {
    name: queueName(address, isFifo),
    isFifo,
    isDead: isDead(address),
    backstopArn: target === undefined ? undefined : (await found(target, isFifo, queues))?.arn,
  };
}

/** The backstop's queue; undefined where it is missing, which is told for itself. */
async function found(address: string, isFifo: boolean, queues: Queues): Promise<Queue | undefined> {
  try {
    return await queues.find(address, isFifo);
  } catch (error) {
    if (isMessagingError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}
