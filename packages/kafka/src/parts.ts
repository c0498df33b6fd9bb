import { type Failures, type Message, type MessagingError, NONE } from '@omnibus/core/transport';
import { kafkaError } from './errors.js';
import { type Outgoing, sizeOf, toRecord } from './wire.js';

/** One call of a sender, until each of its messages has landed. */
export interface Call {
  readonly batch: readonly Message[];
  readonly done: Promise<Failures>;
  /** The broker has the message, or refused it. */
  landed(entry: Pick<Entry, 'index'>, error: MessagingError | undefined): void;
  /** Nobody knows of the messages that have not landed. */
  failed(error: unknown): void;
}

/** One message of a call, as a record. */
interface Entry {
  readonly call: Call;
  readonly index: number;
  readonly record: Outgoing;
}

/** What goes in one request. */
export type Part = readonly Entry[];

/** A call that waits for its messages to land. */
export function callOf(batch: readonly Message[]): Call {
  const failures: Failures[number][] = [];
  let resolve!: (failures: Failures) => void;
  let reject!: (error: unknown) => void;
  const done = new Promise<Failures>((landed, failed) => {
    resolve = landed;
    reject = failed;
  });
  let left = batch.length;
  if (left === 0) resolve(NONE);
  return {
    batch,
    done,
    landed({ index }, error) {
      if (error !== undefined) failures.push({ index, error });
      left--;
      if (left === 0) resolve(failures.length === 0 ? NONE : failures);
    },
    failed: reject,
  };
}

/** The messages of these calls in parts of at most `maxBytes`, in their order. One that is larger by itself lands at once, refused. */
export function partsOf(calls: readonly Call[], maxBytes: number): readonly Part[] {
  const parts: Entry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const call of calls) {
    for (const [index, message] of call.batch.entries()) {
      const record = toRecord(message);
      const size = sizeOf(record);
      if (size > maxBytes) {
        const why = `the message takes ${size} bytes, the option maxMessageBytes allows ${maxBytes}`;
        call.landed({ index }, kafkaError('TOO_LARGE', why));
        continue;
      }
      bytes += size;
      if (bytes > maxBytes) {
        parts.push([]);
        bytes = size;
      }
      parts.at(-1)!.push({ call, index, record });
    }
  }
  return parts;
}
