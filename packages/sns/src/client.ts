import type { ListTopicsCommandOutput, PublishBatchRequestEntry, Subscription as SnsSubscription } from '@aws-sdk/client-sns';
import type { Clock } from '@omnibus/core/transport';
import { type AwsOptions, openAws, within } from '@omnibus/sqs';
import { callError } from './errors.js';

/** Attributes of a topic or a subscription, as SNS names them. */
export type Attributes = Readonly<Record<string, string>>;

/** One message of a batch, as the AWS SDK takes it. */
export type PublishEntry = PublishBatchRequestEntry;

/** Why one message of a batch was not taken. */
export interface PublishFailure {
  readonly Id?: string | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
  readonly SenderFault?: boolean | undefined;
}

/** What became of the messages of a batch; of those that are in neither nothing is known. */
interface PublishAnswer {
  /** Ids of the entries that SNS has taken. */
  readonly taken: readonly (string | undefined)[];
  readonly refused: readonly PublishFailure[];
}

/** One page of a list. */
interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** One subscription as a topic lists it; its ARN is no ARN (`PendingConfirmation`) where nobody confirmed it. */
export interface ListedSubscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
}

/** What this package uses of SNS. Every call ends within its deadline, and rejects with a MessagingError that begins with `where`. */
export interface SnsClient {
  /** The region that it signs for. */
  readonly region: string;
  publish(where: string, topicArn: string, entries: readonly PublishEntry[]): Promise<PublishAnswer>;
  createTopic(where: string, name: string, attributes: Attributes, tags: Attributes): Promise<string>;
  topicAttributes(where: string, topicArn: string): Promise<Attributes>;
  /** ARNs of the account's topics. */
  topics(where: string, next: string | undefined): Promise<Page<string>>;
  subscriptions(where: string, topicArn: string, next: string | undefined): Promise<Page<ListedSubscription>>;
  /** The new subscription's ARN, also where somebody still has to confirm it. */
  subscribe(where: string, topicArn: string, protocol: string, endpoint: string, attributes: Attributes): Promise<string>;
  unsubscribe(where: string, arn: string): Promise<void>;
  subscriptionAttributes(where: string, arn: string): Promise<Attributes>;
  setSubscriptionAttribute(where: string, arn: string, name: string, value: string): Promise<void>;
  /** Closes its sockets. */
  close(): void;
}

type Access = AwsOptions & { readonly callTimeoutMs: number };

/** Opens a client; loads the AWS SDK. It never retries: the core does. Throws CONFIG or DENIED where region or credentials are missing. */
export async function openClient(options: Access, clock: Clock): Promise<SnsClient> {
  const sdk = await import('@aws-sdk/client-sns');
  const aws = await openAws(options, clock, (config) => new sdk.SNSClient(config));
  const { client, region } = aws;
  const call = <O>(where: string, work: (abort: { readonly abortSignal: AbortSignal }) => Promise<O>): Promise<O> =>
    within(clock, options.callTimeoutMs, where, undefined, (abortSignal) =>
      work({ abortSignal }).catch(async (error: unknown) => {
        throw (await aws.healing(where, error)) ?? callError(where, error);
      }),
    );
  return {
    region,
    async publish(where, TopicArn, entries) {
      const command = new sdk.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [...entries] });
      const { Successful = [], Failed = [] } = await call(where, (abort) => client.send(command, abort));
      return { taken: Successful.map(({ Id }) => Id), refused: Failed };
    },
    async createTopic(where, Name, attributes, tags) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const command = new sdk.CreateTopicCommand({ Name, Attributes: { ...attributes }, Tags });
      return (await call(where, (abort) => client.send(command, abort))).TopicArn ?? '';
    },
    async topicAttributes(where, TopicArn) {
      const command = new sdk.GetTopicAttributesCommand({ TopicArn });
      return (await call(where, (abort) => client.send(command, abort))).Attributes ?? {};
    },
    async topics(where, NextToken) {
      const command = new sdk.ListTopicsCommand({ NextToken });
      const page: ListTopicsCommandOutput = await call(where, (abort) => client.send(command, abort));
      return { items: (page.Topics ?? []).map((topic) => topic.TopicArn ?? ''), next: page.NextToken };
    },
    async subscriptions(where, TopicArn, NextToken) {
      const command = new sdk.ListSubscriptionsByTopicCommand({ TopicArn, NextToken });
      const page = await call(where, (abort) => client.send(command, abort));
      return { items: (page.Subscriptions ?? []).map(listed), next: page.NextToken };
    },
    async subscribe(where, TopicArn, Protocol, Endpoint, attributes) {
      const input = { TopicArn, Protocol, Endpoint, Attributes: { ...attributes }, ReturnSubscriptionArn: true };
      return (await call(where, (abort) => client.send(new sdk.SubscribeCommand(input), abort))).SubscriptionArn ?? '';
    },
    async unsubscribe(where, SubscriptionArn) {
      await call(where, (abort) => client.send(new sdk.UnsubscribeCommand({ SubscriptionArn }), abort));
    },
    async subscriptionAttributes(where, SubscriptionArn) {
      const command = new sdk.GetSubscriptionAttributesCommand({ SubscriptionArn });
      return (await call(where, (abort) => client.send(command, abort))).Attributes ?? {};
    },
    async setSubscriptionAttribute(where, SubscriptionArn, AttributeName, AttributeValue) {
      const command = new sdk.SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue });
      await call(where, (abort) => client.send(command, abort));
    },
    close: () => client.destroy(),
  };
}

const listed = ({ SubscriptionArn = '', Protocol = '', Endpoint = '' }: SnsSubscription): ListedSubscription => ({
  arn: SubscriptionArn,
  protocol: Protocol,
  endpoint: Endpoint,
});

/** What this package uses of SQS itself: who may write to a queue. Otherwise its queues are the SQS transport's. */
export interface QueuesClient {
  /** Undefined where there is no such queue. */
  find(
    where: string,
    name: string,
  ): Promise<{ readonly url: string; readonly arn: string; readonly policy: string | undefined } | undefined>;
  setPolicy(where: string, url: string, policy: string): Promise<void>;
  close(): void;
}

/** Opens the client for policies of queues. */
export async function openQueues(options: Access, clock: Clock): Promise<QueuesClient> {
  const sdk = await import('@aws-sdk/client-sqs');
  const aws = await openAws(options, clock, (config) => new sdk.SQSClient(config));
  const { client } = aws;
  const call = <O>(where: string, work: (abort: { readonly abortSignal: AbortSignal }) => Promise<O>): Promise<O> =>
    within(clock, options.callTimeoutMs, where, undefined, (abortSignal) =>
      work({ abortSignal }).catch(async (error: unknown) => {
        throw (await aws.healing(where, error)) ?? error;
      }),
    );
  return {
    async find(where, QueueName) {
      try {
        const { QueueUrl = '' } = await call(where, (abort) => client.send(new sdk.GetQueueUrlCommand({ QueueName }), abort));
        const command = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'Policy'] });
        const { Attributes } = await call(where, (abort) => client.send(command, abort));
        return { url: QueueUrl, arn: Attributes?.QueueArn ?? '', policy: Attributes?.Policy };
      } catch (error) {
        if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) return undefined;
        throw callError(where, error);
      }
    },
    async setPolicy(where, QueueUrl, Policy) {
      const command = new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } });
      await call(where, (abort) => client.send(command, abort)).catch((error: unknown) => {
        throw callError(where, error);
      });
    },
    close: () => client.destroy(),
  };
}
