import { type Clock, type Delivery, isMessagingError, RELEASE, type Receiver, type Subscription } from '@omnibus/core/transport';
import { BATCH } from './capabilities.js';
import type { SqsClient, SqsMessage } from './client.js';
import { sqsError } from './errors.js';
import { type Held, holding } from './held.js';
import { isIntact, md5OfAttributes, md5OfBody } from './md5.js';
import type { ResolvedOptions } from './options.js';
import type { Queue } from './queues.js';
import { settlements } from './settlements.js';

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
  const cutting = new AbortController();
  const ageMs = Math.min(AGE_MS, visibilityMs / 10);
  let closing: Promise<void> | undefined;
  let sweepAt = 0;

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
    if (now >= sweepAt) {
      sweepAt = now + visibilityMs;
      held.sweep(now);
    }
    const lockedUntil = Math.max(startedAt, now - ageMs) + visibilityMs;
    return whole(Messages, isFifo).map((raw) => held.take(raw, startedAt, lockedUntil));
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
      const polling = poll(max);
      const taken = await unlessAborted(signal, tracked(polls, polling)).catch((error: unknown) => {
        if (isGone(error)) cutting.abort(); // the others wait for nothing
        throw error;
      });
      if (taken !== undefined) return taken.map(({ delivery }) => delivery);
      void tracked(
        polls,
        polling.then(giveBack, () => undefined),
      );
      return EMPTY;
    },
    settle: (batch, verdict) => tracked(calls, settle(batch, verdict)),
    extend: (batch, ms) => tracked(calls, settle(batch, { type: 'extend', ms })),
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    while (polls.size + calls.size > 0) await Promise.allSettled([...polls, ...calls]);
    const rest = held.all;
    await giveBack(rest);
    for (const each of rest) held.lose(each); // a verdict that comes now comes too late
  }
}

/** Remembers what is under way until it has ended. */
async function tracked<T>(all: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  all.add(work);
  try {
    return await work;
  } finally {
    all.delete(work);
  }
}

/** What comes, or undefined once the signal aborts; the work goes on then. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  let abort!: () => void;
  const aborted = new Promise<undefined>((resolve) => {
    abort = () => resolve(undefined);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The core opens another receiver after it; after any other error it asks this one again. */
const isGone = (error: unknown): boolean => !isMessagingError(error) || !error.retryable;

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
