import type {
  BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityBatchResult,
  CreateQueueCommandInput,
  DeleteMessageBatchCommandInput,
  DeleteMessageBatchResult,
  DeleteQueueCommandInput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesResult,
  GetQueueUrlCommandInput,
  Message,
  MessageAttributeValue,
  ReceiveMessageCommandInput,
  ReceiveMessageResult,
  SendMessageBatchCommandInput,
  SendMessageBatchRequestEntry,
  SendMessageBatchResult,
  StartMessageMoveTaskCommandInput,
  StartMessageMoveTaskResult,
} from '@aws-sdk/client-sqs';
import type { Clock } from '@omnibus/core/transport';
import { openAws } from './aws.js';
import { within } from './deadline.js';
import { callError } from './errors.js';
import type { AwsOptions } from './options.js';

/** What `Delivery.native` holds: the message as the AWS SDK gave it. */
export type SqsMessage = Message;
/** One entry of a send, as the AWS SDK takes it. */
export type SendEntry = SendMessageBatchRequestEntry;
/** One attribute, as the AWS SDK has it. */
export type AttributeValue = MessageAttributeValue;
/** One entry of a batch call that failed. */
export type FailedEntry = BatchResultErrorEntry;

/** What this package uses of SQS. Every call ends within its deadline, and rejects with a MessagingError that begins with `where`. */
export interface SqsClient {
  /** The region that it signs for. */
  readonly region: string;
  createQueue(where: string, input: CreateQueueCommandInput): Promise<{ QueueUrl?: string | undefined }>;
  deleteQueue(where: string, input: DeleteQueueCommandInput): Promise<unknown>;
  getQueueUrl(where: string, input: GetQueueUrlCommandInput): Promise<{ QueueUrl?: string | undefined }>;
  getQueueAttributes(where: string, input: GetQueueAttributesCommandInput): Promise<GetQueueAttributesResult>;
  sendMessageBatch(where: string, input: SendMessageBatchCommandInput): Promise<SendMessageBatchResult>;
  /** Aborting the signal cuts the connection: what SQS has handed out by then stays hidden until its visibility is over. */
  receiveMessage(where: string, input: ReceiveMessageCommandInput, signal: AbortSignal): Promise<ReceiveMessageResult>;
  deleteMessageBatch(where: string, input: DeleteMessageBatchCommandInput): Promise<DeleteMessageBatchResult>;
  changeVisibilityBatch(
    where: string,
    input: ChangeMessageVisibilityBatchCommandInput,
  ): Promise<ChangeMessageVisibilityBatchResult>;
  startMessageMoveTask(where: string, input: StartMessageMoveTaskCommandInput): Promise<StartMessageMoveTaskResult>;
  /** Closes its sockets. */
  close(): void;
}

/** Opens a client; loads the AWS SDK. Throws CONFIG or DENIED where region or credentials are missing. */
export async function openClient(options: AwsOptions & { readonly callTimeoutMs: number }, clock: Clock): Promise<SqsClient> {
  const sdk = await import('@aws-sdk/client-sqs');
  // retries, deadlines and health are the core's; the check of bodies is ours, as the SDK's own loses all that came with a bad one
  const { client, region, healing } = await openAws(options, clock, (config) => new sdk.SQSClient({ ...config, md5: false }));
  const { callTimeoutMs } = options;

  const call = <O>(where: string, ms: number, work: (abortSignal: AbortSignal) => Promise<O>, signal?: AbortSignal): Promise<O> =>
    within(clock, ms, where, signal, (abortSignal) =>
      work(abortSignal).catch(async (error: unknown) => {
        throw (await healing(where, error)) ?? callError(where, error);
      }),
    );

  return {
    region,
    createQueue: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.CreateQueueCommand(input), { abortSignal })),
    deleteQueue: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.DeleteQueueCommand(input), { abortSignal })),
    getQueueUrl: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.GetQueueUrlCommand(input), { abortSignal })),
    getQueueAttributes: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.GetQueueAttributesCommand(input), { abortSignal })),
    sendMessageBatch: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.SendMessageBatchCommand(input), { abortSignal })),
    receiveMessage: (where, input, signal) =>
      call(
        where,
        callTimeoutMs + (input.WaitTimeSeconds ?? 0) * 1_000,
        (abortSignal) => client.send(new sdk.ReceiveMessageCommand(input), { abortSignal }),
        signal,
      ),
    deleteMessageBatch: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.DeleteMessageBatchCommand(input), { abortSignal })),
    changeVisibilityBatch: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) =>
        client.send(new sdk.ChangeMessageVisibilityBatchCommand(input), { abortSignal }),
      ),
    startMessageMoveTask: (where, input) =>
      call(where, callTimeoutMs, (abortSignal) => client.send(new sdk.StartMessageMoveTaskCommand(input), { abortSignal })),
    close: () => client.destroy(),
  };
}
