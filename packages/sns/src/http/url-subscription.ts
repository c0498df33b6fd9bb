import type { Drift } from '@omnibus/core/transport';
import { queueName } from '@omnibus/sqs';
import type { ListedSubscription, QueuesClient, SnsClient } from '../client.js';
import { letTopicWrite } from '../queue-policy.js';

/** A URL that is to be subscribed to a topic. */
export interface UrlWish {
  readonly topicArn: string;
  readonly url: string;
  /** Address of the group's own queue: where SNS puts what it cannot post. */
  readonly address: string;
  /** `orders/shipping`: for errors and drift. */
  readonly name: string;
}

export interface UrlPlace {
  readonly client: SnsClient;
  readonly queues: QueuesClient;
  readonly mode: 'create' | 'verify';
}

/** How a URL's subscription stands. */
export interface UrlState {
  readonly drifts: readonly Drift[];
  /** Subscribes it, or asks for its confirmation again; to be called when the URL answers. Undefined where it stands, or mode is `verify`. */
  readonly subscribe: (() => Promise<void>) | undefined;
}

/** Looks at the subscription of a URL, and sees to it that SNS may write to the group's queue. It is never made here: SNS posts at once. */
export async function lookAtUrl(wish: UrlWish, { client, queues, mode }: UrlPlace): Promise<UrlState> {
  const { topicArn, url, address, name } = wish;
  const object = `HTTP subscription of ${name}`;
  const queue = await queues.find(`looking at the policy of the queue of ${name}`, queueName(address, false));
  if (queue === undefined) return { drifts: [], subscribe: undefined }; // missing, which was told with the queues
  const drifts: Drift[] = [];
  const drift = (property: string, wanted: string, found: string): void => void drifts.push({ object, property, wanted, found });

  const policy = letTopicWrite(queue.policy, queue.arn, topicArn);
  if (policy !== undefined && mode === 'create')
    await queues.setPolicy(`letting SNS write to the queue of ${name}`, queue.url, policy);
  else if (policy !== undefined) drift('Policy', `sns.amazonaws.com may sqs:SendMessage for ${topicArn}`, 'missing');

  const redrive = JSON.stringify({ deadLetterTargetArn: queue.arn });
  const subscribe = async (): Promise<void> => {
    const attributes = { RawMessageDelivery: 'false', RedrivePolicy: redrive };
    await client.subscribe(`making the ${object}`, topicArn, protocolOf(url), url, attributes);
  };
  const found = await find(wish, client);
  const isConfirmed = found?.arn.startsWith('arn:') === true;
  if (!isConfirmed) {
    if (mode === 'verify' && found === undefined) drift('existence', 'a subscription', 'missing');
    else if (mode === 'verify') drift('confirmation', 'confirmed', 'pending');
    return { drifts, subscribe: mode === 'create' ? subscribe : undefined };
  }
  const { RawMessageDelivery = 'false', RedrivePolicy } = await client.subscriptionAttributes(
    `looking at the ${object}`,
    found.arn,
  );
  if (RawMessageDelivery !== 'false') drift('RawMessageDelivery', 'false: raw posts are not signed', RawMessageDelivery);
  if (RedrivePolicy === undefined && mode === 'create')
    await client.setSubscriptionAttribute(`setting RedrivePolicy of the ${object}`, found.arn, 'RedrivePolicy', redrive);
  else if (!RedrivePolicy?.includes(`"${queue.arn}"`)) drift('RedrivePolicy', redrive, RedrivePolicy ?? 'missing');
  return { drifts, subscribe: undefined };
}

const protocolOf = (url: string): string => new URL(url).protocol.slice(0, -1);

async function find({ topicArn, url, name }: UrlWish, client: SnsClient): Promise<ListedSubscription | undefined> {
  let next: string | undefined;
  do {
    const page = await client.subscriptions(`looking for the HTTP subscription of ${name}`, topicArn, next);
    const found = page.items.find(({ endpoint, protocol }) => endpoint === url && protocol === protocolOf(url));
    if (found !== undefined) return found;
    next = page.next;
  } while (next !== undefined);
  return undefined;
}
