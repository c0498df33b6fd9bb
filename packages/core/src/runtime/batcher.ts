import type { Limits } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import type { Message } from '../transport/message.js';
import type { Failures, Sender } from '../transport/transport.js';
import { createAdmission } from './admission.js';
import { alarm } from './alarm.js';
import { createBacklog } from './backlog.js';
import { backoffMs } from './backoff.js';
import { createFlights, type Flight } from './flights.js';
import { isLinkError, isMissing } from './link-error.js';
import { exactBytes, largestBytes } from './message-size.js';
import { Pending } from './pending.js';
import { refusals } from './send-errors.js';

/** What a message keeps free below its broker's limit, so that its dead letter's header fits. */
export const RESERVE_BYTES = 4_096;

export interface BatcherOptions {
  /** For errors: `channel "orders" on transport "cloud"`. */
  readonly what: string;
  readonly limits: Limits;
  /** Messages of one key arrive in the order of `send`. */
  readonly ordered: boolean;
  /** Ms that a message may wait for company; 0 = only for what the same tick sends. */
  readonly lingerMs: number;
  /** Ms from `send` to its end, whatever comes between. */
  readonly sendTimeoutMs: number;
  /** Most messages that are accepted and unresolved; further ones wait for room, first come, first served. */
  readonly maxPending: number;
  /** Most bytes of them; one message alone may be larger. */
  readonly maxPendingBytes: number;
  /**
   * Most messages in calls of the sender. One call takes a quarter of it at most, and where calls are free (no linger) a quarter of
   * what is unresolved, so that calls overlap: a caller's next messages leave while the broker works on the others.
   */
  readonly maxInFlight: number;
  /** Bytes below `limits.sendBytes` that a message keeps free for a dead letter's header. Default 4,096; 0 for what sends dead letters itself. */
  readonly reserveBytes?: number;
  readonly clock: Clock;
  /** The folded `send` hooks around one call; undefined = none. */
  readonly around: ((count: number, next: () => Promise<void>) => Promise<void>) | undefined;
  /**
   * Whether a channel that the broker says is missing is made again when its sender is opened anew: then its messages wait for that,
   * else they fail. Asked at such failures only.
   */
  readonly remakes: () => boolean;
  /** The sender is gone or has stopped to answer, or its channel is missing. Nothing is sent until `open`. */
  readonly onLinkError: (error: MessagingError) => void;
}

/** Group commit in front of one channel's sender: bounded, in order where asked for, across lost links. */
export interface Batcher {
  /**
   * Resolves when the broker has the message. Rejects with TOO_LARGE, CLOSED, TIMEOUT, or what the broker said where a retry
   * cannot help; the error's `outcome` says whether the broker may have it. An aborted signal gives TIMEOUT (not retryable):
   * the caller's own time is up; what has not left then never leaves.
   */
  send(message: Message, signal?: AbortSignal): Promise<void>;
  /** A link, the first or a new one: all that is unresolved goes out (again), in the order of `send`. */
  open(sender: Sender): void;
  /** The link is gone. What is in flight is unresolved, its outcome unknown; all waits for `open`. */
  lost(): void;
  /** Accepts nothing more (CLOSED) and waits `deadlineMs` for the rest; then rejects it with TIMEOUT. Gives how many that were. */
  drain(deadlineMs: number): Promise<number>;
  /** Messages accepted and unresolved, and their bytes. */
  readonly pending: number;
  readonly bytes: number;
  /** Sends that wait for room. */
  readonly waiting: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const FEWEST = 16; // a call of fewer costs more than overlapping gains
const RETRY_STEP_MS = 25; // retries leave on a multiple of it, so that what failed together leaves together

export function createBatcher(options: BatcherOptions): Batcher {
  const { limits, clock, sendTimeoutMs, maxInFlight } = options;
  const refused = refusals(options);
  const largest = limits.sendBytes - (options.reserveBytes ?? RESERVE_BYTES);
  const callCount = Math.max(1, Math.min(limits.sendBatch, Math.floor(maxInFlight / 4)));
  const order = options.ordered ? (limits.batchFailure === 'whole' ? 'many' : 'one') : undefined;
  const overlaps = options.lingerMs <= 0 && order !== 'many'; // small calls cost the broker nothing, and no key waits for another call
  const backlog = createBacklog(order);
  const { ready } = backlog;
  const admission = createAdmission(options.maxPending, options.maxPendingBytes);
  const flights = createFlights({ what: options.what, clock, around: options.around, landed });
  let sender: Sender | undefined;
  let linkError: MessagingError | undefined;
  let leaveBy = NEVER; // what is ready leaves then, whether it fills a call or not
  let flushing = false;
  let closing: { due: number; given: number; readonly done: Promise<void>; readonly resolve: () => void } | undefined;
  const timer = alarm(clock, ring);

  function send(message: Message, signal?: AbortSignal): Promise<void> {
    if (closing !== undefined) return Promise.reject(refused.closed());
    if (signal?.aborted === true) return Promise.reject(refused.aborted(signal.reason, 'failed'));
    const atMost = largestBytes(message);
    const size = atMost <= largest ? atMost : exactBytes(message);
    if (size > largest) return Promise.reject(refused.tooLarge(size, largest));
    const item = new Pending(message, size, clock.monotonic() + sendTimeoutMs);
    const promise = new Promise<void>((resolve, reject) => {
      item.resolve = resolve;
      item.reject = reject;
    });
    if (signal !== undefined) {
      const abort = (): void => {
        settle(item, refused.aborted(signal.reason, outcome(item)));
        proceed();
      };
      signal.addEventListener('abort', abort, { once: true });
      item.forget = () => signal.removeEventListener('abort', abort);
    }
    timer.by(item.deadline);
    if (admission.enter(item)) backlog.add(item);
    schedule();
    return promise;
  }

  /** Sees to it that what is ready leaves: at the end of this tick where it may, else by the timer. */
  function schedule(): void {
    if (flushing || sender === undefined || ready.count === 0 || !mayLeave()) return;
    flushing = true;
    queueMicrotask(flush);
  }

  /** What is ready fills a call, or need not wait for company any more. */
  function mayLeave(): boolean {
    if (options.lingerMs <= 0 || ready.count >= callCount || ready.bytes >= limits.sendBytes || closing !== undefined)
      return true;
    const now = clock.monotonic();
    leaveBy = Math.min(leaveBy, now + options.lingerMs);
    if (leaveBy > now) timer.by(leaveBy);
    return leaveBy <= now;
  }

  function flush(): void {
    flushing = false;
    const most = overlaps ? Math.min(callCount, Math.max(FEWEST, Math.ceil(admission.pending / 4))) : callCount;
    while (sender !== undefined && ready.count > 0 && mayLeave()) {
      const free = maxInFlight - flights.count;
      if (free < Math.min(most, ready.count)) {
        timer.by(mute(clock.monotonic()));
        return; // the call that ends next goes on
      }
      const items = backlog.take(Math.min(most, free), limits.sendBytes);
      if (ready.count === 0) leaveBy = NEVER;
      flights.depart(sender, items);
    }
  }

  function landed(flight: Flight, failures: Failures): void {
    if (failures.length > 0) failed(flight, failures);
    else for (const item of flight.items) settle(item);
    proceed();
  }

  /** Only another sender can go on. */
  const isGone = (error: MessagingError): boolean => isLinkError(error) || (isMissing(error) && options.remakes());

  /** What did not fail is settled in order; the rest newest first, so that each steps in front of those behind it. */
  function failed({ sender: from, items }: Flight, failures: Failures): void {
    const errors = new Map(failures.map(({ index, error }) => [items[index], error]));
    for (const item of items) if (!errors.has(item)) settle(item);
    const now = clock.monotonic();
    const spread = Math.random();
    for (const item of items.toReversed()) {
      const error = errors.get(item);
      if (error === undefined || item.flight?.items !== items) continue; // it was given up, or a new link has it already
      item.flight = undefined;
      item.error = error;
      const gone = isGone(error);
      if (!error.retryable && !gone) {
        settle(item, refused.byBroker(error, item.unknown));
        continue;
      }
      item.unknown ||= error.outcome === 'unknown';
      if (!gone) item.due = Math.ceil((now + backoffMs(item.tries++, spread)) / RETRY_STEP_MS) * RETRY_STEP_MS;
      backlog.back(item);
    }
    timer.by(backlog.wake(now));
    const gone = failures.find(({ error }) => isGone(error));
    if (gone !== undefined) report(from, gone.error);
  }

  function report(from: Sender, error: MessagingError): void {
    if (from !== sender) return; // it is known already
    sender = undefined;
    linkError = error;
    options.onLinkError(error);
  }

  function settle(item: Pending, error?: MessagingError): void {
    if (item.settled) return;
    item.settled = true;
    item.flight = undefined;
    item.forget?.();
    if (!admission.waits(item)) backlog.drop(item);
    admission.leave(item);
    if (error === undefined) item.resolve();
    else item.reject(error);
  }

  /** After anything was settled or came back: lets in who waits for room, sends what may leave, rests when there is nothing. */
  function proceed(): void {
    for (let item = admission.next(); item !== undefined; item = admission.next()) backlog.add(item);
    if (admission.oldest === undefined) {
      timer.off();
      leaveBy = NEVER;
      closing?.resolve();
    } else schedule();
  }

  const outcome = (item: Pending) => (item.unknown || item.flight !== undefined ? 'unknown' : 'failed');

  /** Why the message has not arrived, for people. */
  function why(item: Pending): string {
    if (admission.waits(item))
      return `it waited for room behind ${admission.pending} unresolved messages (${admission.bytes} bytes)`;
    if (item.flight !== undefined) return 'the broker has not confirmed it, but may have it';
    if (item.error !== undefined) return `the last try failed: ${item.error.message}`;
    if (sender === undefined)
      return linkError === undefined ? 'there is no connection' : `its sender is not open: ${linkError.message}`;
    return item.line === item.lane?.waiting
      ? 'an older message of its key is unresolved'
      : 'the broker takes messages too slowly';
  }

  /** The timer: whatever is due. */
  function ring(): void {
    const now = clock.monotonic();
    for (let item = admission.oldest; item !== undefined && item.deadline <= now; item = admission.oldest)
      settle(item, refused.late(why(item), outcome(item)));
    if (closing !== undefined && closing.due <= now) {
      closing.given += admission.pending + admission.waiting;
      for (let item = admission.oldest; item !== undefined; item = admission.oldest)
        settle(item, refused.drained(why(item), outcome(item)));
    }
    const before = ready.count;
    const retry = backlog.wake(now);
    if (ready.count > before) leaveBy = now;
    proceed();
    const { oldest } = admission;
    if (oldest !== undefined) timer.by(Math.min(oldest.deadline, retry, closing?.due ?? NEVER, mute(now)));
  }

  /** A call that has not ended after twice the timeout would hold its place for ever: the link is told. Gives the moment of the next look. */
  function mute(now: number): number {
    const { oldest } = flights;
    if (oldest === undefined) return NEVER;
    const due = oldest.since + 2 * sendTimeoutMs;
    if (due <= now) report(oldest.sender, refused.mute(now - oldest.since));
    return due > now ? due : NEVER;
  }

  function lost(): void {
    sender = undefined;
    flights.lost();
  }

  return {
    send,
    lost,
    open(next) {
      lost();
      sender = next;
      linkError = undefined;
      backlog.clear();
      for (let item = admission.oldest; item !== undefined && !admission.waits(item); item = item.newer) {
        item.line = item.before = item.behind = item.lane = undefined;
        backlog.add(item);
      }
      if (ready.count > 0) leaveBy = 0; // it has waited long enough
      schedule();
    },
    async drain(deadlineMs) {
      const due = clock.monotonic() + deadlineMs;
      if (closing === undefined) {
        let resolve!: () => void;
        const done = new Promise<void>((settled) => (resolve = settled));
        closing = { due, given: 0, done, resolve };
      }
      closing.due = Math.min(closing.due, due);
      if (admission.oldest !== undefined) timer.by(closing.due);
      proceed();
      await closing.done;
      return closing.given;
    },
    get pending() {
      return admission.pending;
    },
    get bytes() {
      return admission.bytes;
    },
    get waiting() {
      return admission.waiting;
    },
  };
}
