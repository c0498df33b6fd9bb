import { type Channel, type Failures, type Message, MessagingError, NONE, type Sender } from '@omnibus/core/transport';
import { deduplicationOf, groupOf, TRACE_HEADER, toWire } from '@omnibus/sqs';
import { BATCH } from '@omnibus/sqs/capabilities';
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

type Failure = Failures[number];

/** One entry of a call, by its index in the batch. */
interface Sending {
  readonly index: number;
  readonly entry: PublishEntry;
  readonly bytes: number;
}

/**
 * The sending end of one topic: one PublishBatch a call, more where the messages are too large together. A topic that nobody has
 * subscribed to takes them and forgets them.
 */
export function openSender({ client, topics, channel, options }: SenderPlace): Sender {
  const where = `sending to topic '${channel.address}'`;
  const flights = new Set<Promise<unknown>>();
  let closed = false;

  /** Sends what fits into one call. Throws where the call fails as a whole. */
  const call = async (topicArn: string, sendings: readonly Sending[]): Promise<readonly Failure[]> => {
    const refused = await client.publish(
      where,
      topicArn,
      sendings.map(({ entry }) => entry),
    );
    return refused.map(({ Id, Code = '', Message: text = '', SenderFault = false }) => ({
      index: Number(Id),
      error: refusalError(where, { code: Code, text, isOurFault: SenderFault }),
    }));
  };

  const send = async (batch: readonly Message[]): Promise<Failures> => {
    const topicArn = await topics.arn(channel.address, channel.ordered);
    const failures: Failure[] = [];
    const sendings: Sending[] = [];
    for (const [index, message] of batch.entries()) {
      try {
        sendings.push(sendingOf(message, index, channel, options, where));
      } catch (error) {
        if (!(error instanceof MessagingError)) throw error;
        failures.push({ index, error });
      }
    }
    const calls = split(sendings, options.topicMaxMessageBytes);
    if (calls.length === 1 && failures.length === 0) return call(topicArn, calls[0]!);
    await Promise.all(
      calls.map(async (part) => {
        try {
          failures.push(...(await call(topicArn, part)));
        } catch (error) {
          failures.push(...part.map(({ index }) => ({ index, error: error as MessagingError })));
        }
      }),
    );
    return failures.length === 0 ? NONE : failures;
  };

  return {
    async send(batch) {
      if (closed) throw snsError('CLOSED', `${where}: the sender is closed`);
      if (batch.length > BATCH) throw snsError('INVALID', `${where}: ${batch.length} messages at once, SNS takes ${BATCH}`);
      const flight = send(batch);
      flights.add(flight);
      try {
        return await flight;
      } finally {
        flights.delete(flight);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(flights); // each ends within its deadline
    },
  };
}

/** Parts that fit into one call: SNS bounds all of its messages together as it bounds one. */
function split(sendings: readonly Sending[], most: number): readonly (readonly Sending[])[] {
  const parts: Sending[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const sending of sendings) {
    if (bytes + sending.bytes > most) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(sending);
    bytes += sending.bytes;
  }
  return parts;
}

/** What a queue's message would be: raw delivery hands attributes, group and deduplication id on as they are. */
function sendingOf(message: Message, index: number, { ordered }: Channel, options: ResolvedOptions, where: string): Sending {
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

/** Errors of the wire say which topic they are about. */
function named<T>(where: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    throw snsError(error.code, `${where}: ${error.message.replace(/^sqs: /, '')}`, { cause: error });
  }
}
