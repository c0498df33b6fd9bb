import { type Clock, type Delivery, type Failures, RELEASE, type Receiver, type Subscription } from '@omnibus/core/transport';
import { BATCH } from './capabilities.js';
import type { SqsClient, SqsMessage } from './client.js';
import { sqsError } from './errors.js';
import { type Held, holding } from './held.js';
import { isIntact, md5OfAttributes, md5OfBody } from './md5.js';
import type { ResolvedOptions } from './options.js';
import type { Queue } from './queues.js';
import { type Settlement, settlements } from './settlements.js';

/** What a receiver stands on. */
export interface ReceiverPlace {
  readonly client: SqsClient;
  readonly queue: Queue;
  readonly subscription: Pick<Subscription, 'ordered'>;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
}

const EMPTY: readonly Delivery[] = Object.freeze([]);

/** Most that an answer is older than we think: it is what the lock counts for us less than for SQS. */
const AGE_MS = 1_000;

/**
 * The receiving end of one queue: each `receive` is one long poll. A poll whose receive was aborted goes on, since cutting it would hide
 * what SQS hands out meanwhile for a whole lock; what it brings goes back at once, and `close` waits for it: up to `waitMs`.
 */
export function openReceiver({ client, queue, subscription, options, clock }: ReceiverPlace): Receiver {
  const { visibilityMs, waitMs } = options;
  const { ordered: isFifo } = subscription;
  const where = `receiving from queue '${queue.name}'`;
  const held = holding(isFifo);
  const settle = settlements({ client, queue, held, clock });
  const polls = new Set<Promise<unknown>>();
  const calls = new Set<Promise<unknown>>();
  let cutting = new AbortController(); // of the polls that are open now
  const ageMs = Math.min(AGE_MS, visibilityMs / 10);
  let closing: Promise<void> | undefined;

  /** One long poll; holds what it brings. */
  const poll = async (max: number): Promise<readonly Held[]> => {
    const startedAt = clock.monotonic();
    const { Messages = [] } = await client.receiveMessage(
      where,
      {
        QueueUrl: queue.url,
        MaxNumberOfMessages: Math.min(max, BATCH),
        WaitTimeSeconds: Math.floor(waitMs / 1_000),
        VisibilityTimeout: Math.floor(visibilityMs / 1_000),
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      },
      cutting.signal,
    );
    const now = clock.monotonic();
    const lockedUntil = Math.max(startedAt, now - ageMs) + visibilityMs;
    return whole(Messages, isFifo).map((raw) => held.take(raw, startedAt, lockedUntil));
  };

  const settling = async (batch: readonly Delivery[], settlement: Settlement): Promise<Failures> => {
    const call = settle(batch, settlement);
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  };

  const giveBack = async (taken: readonly Held[]): Promise<void> => {
    for (let start = 0; start < taken.length; start += BATCH) {
      const part = taken.slice(start, start + BATCH).map(({ delivery }) => delivery);
      await settle(part, RELEASE).catch(() => undefined); // it comes back when its lock is over
    }
  };

  return {
    async receive(max, signal) {
      if (closing !== undefined) throw sqsError('CLOSED', `${where}: the receiver is closed`);
      if (signal.aborted) return EMPTY;
      return new Promise<readonly Delivery[]>((resolve, reject) => {
        let aborted = false;
        const abort = (): void => {
          aborted = true;
          resolve(EMPTY);
        };
        signal.addEventListener('abort', abort, { once: true });
        const mine = cutting;
        const end = async (): Promise<void> => {
          try {
            const taken = await poll(max);
            if (aborted) await giveBack(taken);
            else resolve(taken.map(({ delivery }) => delivery));
          } catch (error) {
            mine.abort(); // the others that are open are on the same broken way
            if (cutting === mine) cutting = new AbortController(); // the next may find a better one
            reject(error as Error);
          } finally {
            signal.removeEventListener('abort', abort);
          }
        };
        const polling = end().finally(() => polls.delete(polling));
        polls.add(polling);
      });
    },
    settle: settling,
    extend: (batch, ms) => settling(batch, { type: 'extend', ms }),
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    await Promise.allSettled(polls);
    await Promise.allSettled(calls);
    const rest = held.all;
    await giveBack(rest);
    for (const each of rest) held.lose(each); // a verdict that comes now comes too late
  }
}

/**
 * What arrived as it was sent. What did not is left alone, and comes again when its lock is over; of a FIFO queue its group stops
 * before it, as SQS gives out nothing more of it meanwhile.
 */
function whole(messages: readonly SqsMessage[], isFifo: boolean): readonly SqsMessage[] {
  const broken = new Set<string | undefined>();
  return messages.filter(({ Body = '', MD5OfBody, MessageAttributes = {}, MD5OfMessageAttributes, Attributes }) => {
    const group = Attributes?.MessageGroupId;
    if (isFifo && broken.has(group)) return false;
    const isWhole =
      isIntact(MD5OfBody, () => md5OfBody(Body)) && isIntact(MD5OfMessageAttributes, () => md5OfAttributes(MessageAttributes));
    if (!isWhole) broken.add(group);
    return isWhole;
  });
}
