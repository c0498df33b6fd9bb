import {
  type Channel,
  type Failures,
  isMessagingError,
  type Message,
  MessagingError,
  type Sender,
} from '@omnibus/core/transport';
import { batchSender, type Sending } from './batch-sender.js';
import { CALL_BYTES, LONGEST_DELAY_MS } from './capabilities.js';
import type { SendEntry, SqsClient } from './client.js';
import { refusalError, sqsError } from './errors.js';
import { deduplicationOf, groupOf } from './ids.js';
import { isIntact, md5OfAttributes, md5OfBody } from './md5.js';
import { queueName } from './names.js';
import type { ResolvedOptions } from './options.js';
import type { Queues } from './queues.js';
import { type Placement, toEntry, toWire, type WireMessage } from './wire.js';

/** What a sender stands on. */
export interface SenderPlace {
  readonly client: SqsClient;
  readonly queues: Queues;
  readonly channel: Channel;
  readonly options: ResolvedOptions;
}

/** What a dead letter may add to a message; base64 bodies leave it free here, others by the core's own count. */
const RESERVED_BYTES = 4_096;

const DEAD_HEADER = /"?omnibus-dead"?/;

type Failure = Failures[number];

/**
 * The sending end of one queue: one SendMessageBatch a call, more where the messages have over 1 MiB together. A queue that is missing
 * fails the send with NO_ROUTE, not the sender: once it is there the next send finds it. Throws TOPOLOGY for an address that makes no name.
 */
export function openSender({ client, queues, channel, options }: SenderPlace): Sender {
  const { address, ordered } = channel;
  const name = queueName(address, ordered);
  const where = `sending to queue '${name}'`;

  const routed = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isMessagingError(error, 'NOT_FOUND')) throw error;
      queues.forget(name);
      throw sqsError('NO_ROUTE', `${where}: there is no such queue; provision it, or start its consumer first`, { cause: error });
    }
  };

  const call = async (sendings: readonly Sending<SendEntry>[]): Promise<readonly Failure[]> => {
    const answer = await routed(async () => {
      const { url } = await queues.find(address, ordered);
      return client.sendMessageBatch(where, { QueueUrl: url, Entries: sendings.map(({ entry }) => entry) });
    });
    const byId = new Map(sendings.map((sending) => [sending.entry.Id, sending]));
    const failures: Failure[] = [];
    for (const { Id, MD5OfMessageBody, MD5OfMessageAttributes } of answer.Successful ?? []) {
      const sending = byId.get(Id);
      if (sending === undefined) continue;
      byId.delete(Id);
      const { MessageBody = '', MessageAttributes = {} } = sending.entry;
      const isWhole =
        isIntact(MD5OfMessageBody, () => md5OfBody(MessageBody)) &&
        isIntact(MD5OfMessageAttributes, () => md5OfAttributes(MessageAttributes));
      if (!isWhole) failures.push({ index: sending.index, error: damaged(where) });
    }
    for (const { Id, Code = '', Message: text = '', SenderFault = false } of answer.Failed ?? []) {
      const sending = byId.get(Id);
      if (sending === undefined) continue;
      byId.delete(Id);
      failures.push({ index: sending.index, error: refusalError(where, { code: Code, text, isOurFault: SenderFault }) });
    }
    for (const { index } of byId.values())
      failures.push({ index, error: sqsError('TIMEOUT', `${where}: SQS left a message unanswered`, { outcome: 'unknown' }) });
    return failures;
  };

  const sendingOf = (message: Message, index: number): Sending<SendEntry> => {
    const wire = fitted(message, options, where);
    return { index, entry: toEntry(String(index), wire, placeOf(message, channel, options, where)), bytes: wire.bytes };
  };

  return batchSender({ where, callBytes: CALL_BYTES, sendingOf, call, error: sqsError });
}

function fitted(message: Message, { maxMessageBytes }: ResolvedOptions, where: string): WireMessage {
  const wire = named(where, () => toWire(message));
  const isDead = Object.entries(message.headers).some(([name, value]) =>
    DEAD_HEADER.test(name === 'omnibus-headers' ? value : name),
  );
  const most = wire.form === 'base64' && !isDead ? maxMessageBytes - RESERVED_BYTES : maxMessageBytes;
  if (wire.bytes <= most) return wire;
  const as = wire.form === 'base64' ? ' as base64, which takes 4 characters for 3 bytes' : '';
  const fix = 'Send less, or keep the payload elsewhere (claim check).';
  throw sqsError('TOO_LARGE', `${where}: the message has ${wire.bytes} bytes on the wire${as}, and the limit is ${most}. ${fix}`);
}

/** Errors of the wire say which queue they are about. */
function named<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    throw sqsError(error.code, `${where}: ${error.message.replace(/^sqs: /, '')}`, { cause: error });
  }
}

function placeOf(message: Message, { ordered }: Channel, { fairQueues }: ResolvedOptions, where: string): Placement {
  const { delayMs } = message;
  if (delayMs > 0 && ordered)
    throw sqsError('INVALID', `${where}: a FIFO queue delays no single message, and ${delayMs} ms were asked for`);
  if (delayMs > LONGEST_DELAY_MS)
    throw sqsError('INVALID', `${where}: a delay of ${delayMs} ms is over the ${LONGEST_DELAY_MS} ms that SQS can wait`);
  return {
    group: ordered || (fairQueues && message.key !== undefined) ? groupOf(message) : undefined,
    deduplication: ordered ? deduplicationOf(message) : undefined,
    delaySeconds: delayMs > 0 ? Math.ceil(delayMs / 1_000) : undefined,
  };
}

/** It has left, and SQS may have kept something else: sent again it may be there twice, once damaged. */
const damaged = (where: string): MessagingError =>
  sqsError('TIMEOUT', `${where}: what SQS received is not what was sent (its MD5 differs)`, { outcome: 'unknown' });
