import { type Channel, type Clock, type MessagingError, type Sender } from '@omnibus/core/transport';
import { SEND_BATCH } from './capabilities.js';
import type { LogClient, LogProducer } from './client.js';
import { CLOSE_MS, within } from './deadline.js';
import { callError, kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { type Call, callOf, type Part, partsOf } from './parts.js';

/** What a sender stands on. */
export interface SenderPlace {
  readonly client: LogClient;
  readonly channel: Channel;
  readonly options: ResolvedOptions;
  readonly clientId: string;
  readonly clock: Clock;
}

/** Refusals that say that nothing of a batch was stored, and that would be the same again. */
const DEFINITE: ReadonlySet<string> = new Set(['NOT_FOUND', 'DENIED', 'TOO_LARGE', 'INVALID', 'CONFIG']);

/**
 * The sending end of one topic: acks from all replicas in sync, an idempotent producer, one request at a time, each of at most
 * `maxMessageBytes`; what comes meanwhile goes with the next. After a request whose outcome is unknown it has ended: another producer begins with sequence numbers of its own.
 */
export async function openSender(place: SenderPlace): Promise<Sender> {
  const { client, channel, options, clientId, clock } = place;
  const { address, kind } = channel;
  const where = `sending to ${kind} '${address}'`;
  let producer: LogProducer | undefined = await open();
  let ended: MessagingError | undefined;
  const waiting: Call[] = [];
  let last: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;

  async function open(): Promise<LogProducer> {
    try {
      return await client.openProducer(options, clientId, address);
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
  const sendPart = async (part: Part): Promise<MessagingError | undefined> => {
    if (ended !== undefined) throw ended;
    try {
      producer ??= await open();
      await producer.send(part.map(({ record }) => record));
      return undefined;
    } catch (thrown) {
      discard();
      const error = callError(where, thrown, { outcome: 'unknown' });
      if (DEFINITE.has(error.code)) return refusal(error);
      if (error.code !== 'THROTTLED') ended = kafkaError('CONNECTION', error.message, { cause: thrown, outcome: 'unknown' });
      throw ended ?? error;
    }
  };

  const refusal = (error: MessagingError): MessagingError => {
    if (error.code !== 'NOT_FOUND') return kafkaError(error.code, error.message, { cause: error });
    const what = `${where}: there is no such topic; provision it, or start its consumer first`;
    return kafkaError(kind === 'queue' ? 'NO_ROUTE' : 'NOT_FOUND', what, { cause: error });
  };

  const sendAlone = async (part: Part): Promise<void> => {
    const error = await sendPart(part);
    // a topic that takes less than `maxMessageBytes` at once may take the messages one by one
    const isTogether = error?.code === 'TOO_LARGE' && part.length > 1;
    for (const entry of part) entry.call.landed(entry, isTogether ? await sendPart([entry]) : error);
  };
  /** All calls that wait, in their order, in as few requests as they fit in. */
  const sendAll = async (): Promise<void> => {
    const calls = waiting.splice(0);
    try {
      for (const part of partsOf(calls, options.maxMessageBytes)) await sendAlone(part);
    } catch (error) {
      for (const call of calls) call.failed(error);
    }
  };

  return {
    async send(batch) {
      if (ended !== undefined) throw ended;
      if (batch.length > SEND_BATCH)
        throw kafkaError('INVALID', `${where}: ${batch.length} messages at once, the limit is ${SEND_BATCH}`);
      const call = callOf(batch);
      waiting.push(call);
      if (waiting.length === 1) last = last.then(sendAll);
      return call.done;
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
