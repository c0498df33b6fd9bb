import {
  type Channel,
  type Clock,
  type Failures,
  type Message,
  type MessagingError,
  NONE,
  type Sender,
} from '@omnibus/core/transport';
import { SEND_BATCH } from './capabilities.js';
import { type LogProducer, openProducer } from './client.js';
import { CLOSE_MS, within } from './deadline.js';
import { callError, kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { type Outgoing, sizeOf, toRecord } from './wire.js';

/** What a sender stands on. */
export interface SenderPlace {
  readonly channel: Channel;
  readonly options: ResolvedOptions;
  readonly clientId: string;
  readonly clock: Clock;
}

/** Refusals that say that nothing of a batch was stored, and that would be the same again. */
const DEFINITE: ReadonlySet<string> = new Set(['NOT_FOUND', 'DENIED', 'TOO_LARGE', 'INVALID', 'CONFIG']);

/** Some records that go in one request, and where they stand in the batch. */
interface Part {
  readonly records: readonly Outgoing[];
  readonly indices: readonly number[];
}

/**
 * The sending end of one topic: acks from all replicas in sync, an idempotent producer, one request at a time, each of at most
 * `maxMessageBytes`. After a request whose outcome is unknown it has ended: another producer begins with sequence numbers of its own.
 */
export async function openSender(place: SenderPlace): Promise<Sender> {
  const { channel, options, clientId, clock } = place;
  const { address, kind } = channel;
  const where = `sending to ${kind} '${address}'`;
  let producer: LogProducer | undefined = await open();
  let ended: MessagingError | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  async function open(): Promise<LogProducer> {
    try {
      return await openProducer(options, clientId, address);
    } catch (error) {
      throw callError(where, error);
    }
  }

  const discard = (): void => {
    const old = producer;
    producer = undefined;
    if (old !== undefined) void within(clock, CLOSE_MS, where, old.close()).catch(() => undefined);
  };

  /** Throws where the outcome is unknown; gives why it was refused. */
  const sendPart = async ({ records }: Part): Promise<MessagingError | undefined> => {
    if (ended !== undefined) throw ended;
    try {
      producer ??= await open();
      await producer.send(records);
      return undefined;
    } catch (thrown) {
      discard();
      const error = refusal(callError(where, thrown, { outcome: 'unknown' }));
      if (error !== undefined) return error;
      ended = callError(where, thrown, { outcome: 'unknown' });
      if (ended.code !== 'CONNECTION' && ended.code !== 'THROTTLED')
        ended = kafkaError('CONNECTION', ended.message, { cause: thrown, outcome: 'unknown' });
      throw ended;
    }
  };

  const refusal = (error: MessagingError): MessagingError | undefined => {
    if (!DEFINITE.has(error.code)) return undefined;
    if (error.code !== 'NOT_FOUND') return kafkaError(error.code, `${error.message}`, { cause: error });
    const what = `${where}: there is no such topic; provision it, or start its consumer first`;
    return kafkaError(kind === 'queue' ? 'NO_ROUTE' : 'NOT_FOUND', what, { cause: error });
  };

  const sendAll = async (batch: readonly Message[]): Promise<Failures> => {
    const failures: Failures[number][] = [];
    for (const part of partsOf(batch, options.maxMessageBytes, (index, error) => failures.push({ index, error }))) {
      const error = await sendPart(part);
      if (error === undefined) continue;
      // a topic that takes less than `maxMessageBytes` at once may take the messages one by one
      const single = error.code === 'TOO_LARGE' && part.records.length > 1;
      for (const [nth, index] of part.indices.entries()) {
        const alone = single ? await sendPart({ records: [part.records[nth]!], indices: [index] }) : error;
        if (alone !== undefined) failures.push({ index, error: alone });
      }
    }
    return failures.length === 0 ? NONE : failures;
  };

  return {
    async send(batch) {
      if (ended !== undefined) throw ended;
      if (batch.length > SEND_BATCH)
        throw kafkaError('INVALID', `${where}: ${batch.length} messages at once, the limit is ${SEND_BATCH}`);
      const turn = last.then(() => sendAll(batch));
      last = turn.catch(() => undefined);
      return turn;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    await within(clock, CLOSE_MS, where, last).catch(() => undefined);
    ended ??= kafkaError('CLOSED', `${where}: the sender is closed`);
    if (producer !== undefined) await within(clock, CLOSE_MS, where, producer.close()).catch(() => undefined);
  }
}

/** The batch in parts that a request may hold, in its order. What cannot be sent at all is told to `failed`. */
function partsOf(
  batch: readonly Message[],
  maxBytes: number,
  failed: (index: number, error: MessagingError) => void,
): readonly Part[] {
  const parts: { records: Outgoing[]; indices: number[] }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [index, message] of batch.entries()) {
    const record = toRecord(message);
    const size = sizeOf(record);
    if (size > maxBytes) {
      const why = `the message takes ${size} bytes, the option maxMessageBytes allows ${maxBytes}`;
      failed(index, kafkaError('TOO_LARGE', why));
      continue;
    }
    bytes += size;
    if (bytes > maxBytes) {
      parts.push({ records: [], indices: [] });
      bytes = size;
    }
    const part = parts.at(-1)!;
    part.records.push(record);
    part.indices.push(index);
  }
  return parts;
}
