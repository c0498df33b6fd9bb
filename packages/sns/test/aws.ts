import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { topology } from '@omnibus/brokers/seam-objects';
import type {} from '@omnibus/brokers/vitest-setup';
import {
  ACK,
  type Channel,
  type Delivery,
  type Receiver,
  type Subscription,
  systemClock,
  type Transport,
} from '@omnibus/core/transport';
import { inject, onTestFinished } from 'vitest';
import { DEFAULTS, type ResolvedOptions } from '../src/options.js';
import { snsTransport } from '../src/sns.js';

/** The endpoint of this run. */
export const aws = inject('aws');

/** Behind the name of a suite that could not be run. */
export const notRun = aws.available ? '' : ` [not run: ${aws.reason}]`;

const region = aws.available ? aws.region : 'us-east-1';
const reach = aws.available ? { endpoint: aws.url, region, credentials: { ...aws.credentials } } : { region };

/** The account of the emulator. */
const ACCOUNT = '000000000000';

/** Plain clients, as any program would have them. */
export const plainSns = new SNSClient(reach);
export const plainSqs = new SQSClient(reach);

export const topicArn = (name: string): string => `arn:aws:sns:${region}:${ACCOUNT}:${name}`;
export const queueArn = (name: string): string => `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;

let instances = 0;

/** A transport of this test, closed when the test is over; not connected. */
export function transport(options: Partial<ResolvedOptions> = {}): Transport {
  const environment = { service: 'tests', instance: `${process.pid}-${instances++}`, clock: systemClock };
  const made = snsTransport({ ...DEFAULTS, ...reach, waitMs: 1_000, ...options }, environment);
  onTestFinished(() => made.close());
  return made;
}

/** A connected transport with what these endpoints need. */
export async function connected(options: Partial<ResolvedOptions>, ...endpoints: (Channel | Subscription)[]): Promise<Transport> {
  const made = transport(options);
  await made.connect();
  await made.provision(topology(...endpoints), 'create');
  return made;
}

/** Receives and acks until `amount` came; waiting past the deadline fails the test. */
export async function consume(receiver: Receiver, amount: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  const signal = AbortSignal.timeout(20_000);
  while (taken.length < amount) {
    const some = await receiver.receive(Math.min(10, amount - taken.length), signal);
    if (some.length === 0 && signal.aborted) throw new Error(`${taken.length} of ${amount} deliveries came within 20 s`);
    if (some.length > 0) await receiver.settle(some, ACK);
    taken.push(...some);
  }
  return taken;
}

export async function topicAttributes(name: string): Promise<Record<string, string>> {
  return (await plainSns.send(new GetTopicAttributesCommand({ TopicArn: topicArn(name) }))).Attributes ?? {};
}

/** The attributes of a topic's subscriptions, by endpoint. */
export async function subscriptionsOf(name: string): Promise<Record<string, Record<string, string>>> {
  const { Subscriptions = [] } = await plainSns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn(name) }));
  const entries = Subscriptions.map(async ({ SubscriptionArn, Endpoint = '' }) => {
    const { Attributes = {} } = await plainSns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return [Endpoint, Attributes] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

export async function queueUrl(name: string): Promise<string> {
  return (await plainSqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';
}

export async function queueAttributes(name: string): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: await queueUrl(name), AttributeNames: ['All'] });
  return (await plainSqs.send(command)).Attributes ?? {};
}
