import { type Channel, type Failures, type Message, MessagingError, type Sender } from '@omnibus/core/transport';
import { batchSender, deduplicationOf, groupOf, type Sending, TRACE_HEADER, toWire } from '@omnibus/sqs';
import type { PublishEntry, SnsClient } from './client.js';
import { refusalError, snsError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import type { Topics } from './topics.js';

/** What a sender stands on. */
export interface SenderPlace {
  readonly client: SnsClient;
  readonly topics: Topics;
  readonly channel: Channel;
  readonly options: ResolvedOptions;
}

/**
 * The sending end of one topic: one PublishBatch a call, more where the messages are too large together. A topic that nobody has
 * subscribed to takes them and forgets them.
 */
export function openSender({ client, topics, channel, options }: SenderPlace): Sender {
  const where = `sending to topic '${channel.address}'`;

  const call = async (sendings: readonly Sending<PublishEntry>[]): Promise<Failures> => {
    const topicArn = await topics.arn(channel.address, channel.ordered);
    const entries = sendings.map(({ entry }) => entry);
    const { taken, refused } = await client.publish(where, topicArn, entries);
    const failures = refused.map(({ Id, Code = '', Message: text = '', SenderFault = false }) => ({
      index: Number(Id),
      error: refusalError(where, { code: Code, text, isOurFault: SenderFault }),
    }));
    if (taken.length + refused.length === entries.length) return failures;
    const answered = new Set([...taken, ...refused.map(({ Id }) => Id)]);
    const unanswered = entries.filter(({ Id }) => !answered.has(Id));
    return [...failures, ...unanswered.map(({ Id }) => ({ index: Number(Id), error: silence(where) }))];
  };

  return batchSender({
    where,
    callBytes: options.topicMaxMessageBytes, // SNS bounds all messages of a call together as it bounds one
    sendingOf: (message, index) => sendingOf(message, index, channel, options, where),
    call,
    error: snsError,
  });
}

/** What a queue's message would be: raw delivery hands attributes, group and deduplication id on as they are. */
function sendingOf(
  message: Message,
  index: number,
  { ordered }: Channel,
  options: ResolvedOptions,
  where: string,
): Sending<PublishEntry> {
  if (message.delayMs > 0) throw snsError('INVALID', `${where}: SNS delays nothing, and ${message.delayMs} ms were asked for`);
  const wire = named(where, () => toWire(message));
  const { topicMaxMessageBytes: most, fairQueues } = options;
  const traceBytes = wire.trace === undefined ? 0 : TRACE_HEADER.length + 'String'.length + wire.trace.length;
  const bytes = wire.bytes + traceBytes;
  if (bytes > most) {
    const as = wire.form === 'base64' ? ' as base64, which takes 4 characters for 3 bytes' : '';
    const fix = 'Send less, raise the option topicMaxMessageBytes (1 MiB at most), or keep the payload elsewhere (claim check).';
    throw snsError('TOO_LARGE', `${where}: the message has ${bytes} bytes on the wire${as}, and the limit is ${most}. ${fix}`);
  }
  const entry: PublishEntry = {
    Id: String(index),
    Message: wire.body,
    // SNS has no trace header of its own for the messages of a batch
    MessageAttributes:
      wire.trace === undefined
        ? wire.attributes
        : { ...wire.attributes, [TRACE_HEADER]: { DataType: 'String', StringValue: wire.trace } },
    ...(ordered || (fairQueues && message.key !== undefined) ? { MessageGroupId: groupOf(message) } : {}),
    ...(ordered ? { MessageDeduplicationId: deduplicationOf(message) } : {}),
  };
  return { index, entry, bytes };
}

/** A proxy on the way that answers in SNS's place confirms nothing. */
const silence = (where: string): MessagingError =>
  snsError('TIMEOUT', `${where}: SNS left a message unanswered`, { outcome: 'unknown' });

/** Errors of the wire say which topic they are about. */
function named<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    throw snsError(error.code, `${where}: ${error.message.replace(/^sqs: /, '')}`, { cause: error });
  }
}
