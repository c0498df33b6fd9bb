import {
  type ErrorCode,
  type Failures,
  type Message,
  MessagingError,
  type MessagingErrorOptions,
  NONE,
  type Sender,
} from '@omnibus/core/transport';
import { BATCH } from './capabilities.js';

type Failure = Failures[number];

/** One entry of a call, by its index in the batch. */
export interface Sending<Entry> {
  readonly index: number;
  readonly entry: Entry;
  /** What the service counts of it. */
  readonly bytes: number;
}

/** What differs between the services whose batches a sender sends. */
export interface BatchCalls<Entry> {
  /** What is being done, for errors. */
  readonly where: string;
  /** Most bytes of one call, all of its entries together. */
  readonly callBytes: number;
  /** Throws a MessagingError where the message cannot be sent: it alone fails. */
  readonly sendingOf: (message: Message, index: number) => Sending<Entry>;
  /** Sends what fits into one call, and gives what was refused. Throws where the call fails as a whole. */
  readonly call: (sendings: readonly Sending<Entry>[]) => Promise<readonly Failure[]>;
  readonly error: (code: ErrorCode, message: string, options?: MessagingErrorOptions) => MessagingError;
}

/** A sender of batches of at most 10: one call each, or several beside each other where the messages are too large together. */
export function batchSender<Entry>({ where, callBytes, sendingOf, call, error: failure }: BatchCalls<Entry>): Sender {
  const flights = new Set<Promise<unknown>>();
  let closed = false;

  const send = async (batch: readonly Message[]): Promise<Failures> => {
    const failures: Failure[] = [];
    const sendings: Sending<Entry>[] = [];
    for (const [index, message] of batch.entries()) {
      try {
        sendings.push(sendingOf(message, index));
      } catch (error) {
        if (!(error instanceof MessagingError)) throw error;
        failures.push({ index, error });
      }
    }
    const calls = split(sendings, callBytes);
    if (calls.length === 1 && failures.length === 0) return call(calls[0]!);
    await Promise.all(
      calls.map(async (part) => {
        try {
          failures.push(...(await call(part)));
        } catch (error) {
          failures.push(...part.map(({ index }) => ({ index, error: error as MessagingError })));
        }
      }),
    );
    return failures.length === 0 ? NONE : failures;
  };

  return {
    async send(batch) {
      if (closed) throw failure('CLOSED', `${where}: the sender is closed`);
      if (batch.length > BATCH) throw failure('INVALID', `${where}: ${batch.length} messages at once, AWS takes ${BATCH}`);
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

/** Parts that fit into one call. */
function split<Entry>(sendings: readonly Sending<Entry>[], most: number): readonly (readonly Sending<Entry>[])[] {
  const parts: Sending<Entry>[][] = [];
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
