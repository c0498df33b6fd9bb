import { type Clock, sleep } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import { RECEIVE_WAIT_MS } from '../transport/inbox.js';
import type { Delivery } from '../transport/message.js';
import { type Failures, NONE, type Receiver } from '../transport/transport.js';
import { ACK, RELEASE, type Verdict } from '../transport/verdict.js';
import { gate } from './pause.js';
import { errorFrom, lost, wrapReceiver } from './wrap.js';

export interface SettleEachOptions {
  /** The most deliveries that are received and not committed at one time. */
  readonly window: number;
  /** Most deliveries in one settle of the inner receiver. Default: no limit. */
  readonly batch?: number;
  readonly clock: Clock;
}

/** `back`: it is being given back, or that failed; nothing beyond it may be committed. */
interface Entry {
  readonly delivery: Delivery;
  readonly log: Log;
  state: 'open' | 'done' | 'back';
}

/** One partition under one lease. */
interface Log {
  readonly partition: string | undefined;
  readonly lease: AbortSignal | undefined;
  /** Received and not committed, in order of receipt. */
  order: Entry[];
  running: Promise<Refusal | undefined> | undefined;
  queued: Promise<Refusal | undefined> | undefined;
}

/** A commit that failed, and for which deliveries. */
interface Refusal {
  readonly error: MessagingError;
  readonly deliveries: ReadonlySet<Delivery>;
}

/** Most ms that the last commits are waited for at close: what is not committed then comes again. */
const LAST_MS = 5_000;

const EMPTY: readonly Delivery[] = Object.freeze([]);
const takenAway = (): MessagingError => lost('the partition was taken away, or given back, before this message was settled');
const failure = (index: number, error: MessagingError): Failures[number] => ({ index, error });

/**
 * Settles one by one on a log, which can only commit "all up to here". An ack is remembered; the inner receiver gets an ACK
 * only for the longest run of done messages since the last commit, in order of receipt, one call per partition at a time.
 *
 * Caveat: an ack that waits for an older message resolves at once although nothing is committed yet, so after a crash the
 * messages behind the oldest unfinished one are delivered again. A release gives back the partition from that message on,
 * what was done beyond it included: the inner receiver must read the partition again from there.
 * Cost: one object and one map entry a message; a commit covers all that became committable while the last one ran.
 * Only for deliveries without a lock timer: nobody extends the lock of what is acked and not committed.
 * Bound: `window` messages over all partitions. When a stuck message fills it nothing more is received.
 * Errors: LOST after the lease or a release; INVALID for `retry` and `reject`, which must be emulated above this wrapper.
 */
export function settleEach(
  inner: Receiver,
  { window, batch: most = Number.POSITIVE_INFINITY, clock }: SettleEachOptions,
): Receiver {
  const entries = new Map<Delivery, Entry>();
  const logs = new Map<string | undefined, Log>();
  const gone = new WeakSet<Delivery>();
  const room = gate(clock);
  let asked = 0;

  const forget = (some: readonly Entry[], why: 'committed' | 'gone'): void => {
    for (const { delivery } of some) {
      entries.delete(delivery);
      if (why === 'gone') gone.add(delivery);
    }
    if (some.length > 0) room.open();
  };
  /** The partition is not ours any more; what comes of it later begins a log of its own. */
  const drop = (log: Log): void => {
    if (logs.get(log.partition) === log) logs.delete(log.partition);
    forget(log.order.splice(0), 'gone');
  };
  const dropEnded = (): void => {
    for (const log of logs.values()) if (log.lease?.aborted === true) drop(log);
  };
  const call = async (deliveries: readonly Delivery[], verdict: Verdict): Promise<Failures> => {
    try {
      return await inner.settle(deliveries, verdict);
    } catch (thrown) {
      return [failure(0, errorFrom(thrown))];
    }
  };
  const remember = (delivery: Delivery): void => {
    let log = logs.get(delivery.partition);
    if (log === undefined || log.lease !== delivery.lease) {
      if (log !== undefined) drop(log);
      log = { partition: delivery.partition, lease: delivery.lease, order: [], running: undefined, queued: undefined };
      logs.set(delivery.partition, log);
    }
    const entry: Entry = { delivery, log, state: 'open' };
    log.order.push(entry);
    entries.set(delivery, entry);
  };
  /** What a settle may still touch: undefined once it is settled, LOST once it is not ours any more. */
  const find = (delivery: Delivery): Entry | MessagingError | undefined => {
    const entry = entries.get(delivery);
    if (delivery.lease?.aborted !== true) return entry ?? (gone.has(delivery) ? takenAway() : undefined);
    if (entry !== undefined) drop(entry.log);
    return takenAway();
  };

  const commitPrefix = async (log: Log): Promise<Refusal | undefined> => {
    for (;;) {
      const end = log.order.findIndex(({ state }) => state !== 'done');
      const prefix = log.order.slice(0, Math.min(most, end === -1 ? log.order.length : end)).map(({ delivery }) => delivery);
      if (prefix.length === 0) return undefined;
      const failures = await call(prefix, ACK);
      const first = failures.reduce<Failures[number] | undefined>(
        (least, next) => (least === undefined || next.index < least.index ? next : least),
        undefined,
      );
      forget(log.order.splice(0, first?.index ?? prefix.length), 'committed');
      if (first === undefined && prefix.length < most) return undefined;
      if (first === undefined) continue;
      if (first.error.code === 'LOST') drop(log);
      return { error: first.error, deliveries: new Set(prefix.slice(first.index)) };
    }
  };
  /** One commit at a time, so that none overtakes another; the next takes along all that became done meanwhile. */
  const commit = (log: Log): Promise<Refusal | undefined> => {
    if (log.running !== undefined) {
      log.queued ??= log.running.then(() => {
        log.queued = undefined;
        return commit(log);
      });
      return log.queued;
    }
    log.running = commitPrefix(log).finally(() => {
      log.running = undefined;
    });
    return log.running;
  };

  const acknowledge = async (batch: readonly Delivery[]): Promise<Failures> => {
    const failures: Failures[number][] = [];
    const ready = new Set<Log>();
    for (let index = 0; index < batch.length; index++) {
      const found = find(batch[index] as Delivery);
      if (found instanceof MessagingError) failures.push(failure(index, found));
      else if (found?.state === 'back') failures.push(failure(index, takenAway()));
      else if (found !== undefined) {
        found.state = 'done';
        ready.add(found.log);
      }
    }
    const commits: Promise<Refusal | undefined>[] = [];
    for (const log of ready) if (log.order[0]?.state === 'done') commits.push(commit(log));
    for (const refusal of commits.length === 0 ? [] : await Promise.all(commits)) {
      if (refusal === undefined) continue;
      for (const [index, delivery] of batch.entries())
        if (refusal.deliveries.has(delivery)) failures.push(failure(index, refusal.error));
    }
    return failures.length === 0 ? NONE : failures;
  };

  const release = async (tail: readonly Entry[]): Promise<MessagingError | undefined> => {
    for (let from = 0; from < tail.length; from += most) {
      const part = tail.slice(from, from + most).map(({ delivery }) => delivery);
      const [refused] = await call(part, RELEASE);
      if (refused !== undefined) return refused.error;
    }
    return undefined;
  };

  const giveBack = async (batch: readonly Delivery[]): Promise<Failures> => {
    const failures: Failures[number][] = [];
    const wanted = new Map<Log, Map<Entry, number>>();
    for (const [index, delivery] of batch.entries()) {
      const found = find(delivery);
      if (found instanceof MessagingError) failures.push(failure(index, found));
      else if (found !== undefined && found.state !== 'done')
        wanted.set(found.log, (wanted.get(found.log) ?? new Map<Entry, number>()).set(found, index));
    }
    for (const [log, indices] of wanted) {
      const tail = log.order.slice(log.order.findIndex((entry) => indices.has(entry)));
      for (const entry of tail) entry.state = 'back';
      const error = await release(tail);
      if (error !== undefined) for (const index of indices.values()) failures.push(failure(index, error));
      if (error?.code === 'LOST') drop(log);
      if (error !== undefined) continue;
      const given = new Set(tail);
      log.order = log.order.filter((entry) => !given.has(entry));
      forget(tail, 'gone');
    }
    return failures.length === 0 ? NONE : failures;
  };

  return wrapReceiver(inner, {
    async receive(max, signal) {
      dropEnded();
      if (entries.size + asked >= window) await room.wait(RECEIVE_WAIT_MS, signal);
      const count = Math.min(max, window - entries.size - asked);
      if (count <= 0) return EMPTY;
      asked += count;
      try {
        const batch = await inner.receive(count, signal);
        for (const delivery of batch) remember(delivery);
        return batch;
      } finally {
        asked -= count;
      }
    },
    async settle(batch, verdict) {
      if (verdict.type === 'ack') return acknowledge(batch);
      if (verdict.type === 'release') return giveBack(batch);
      throw new MessagingError(
        'INVALID',
        `settleEach was asked to ${verdict.type}: a log cannot, so a copy and an ack must stand above it in the chain`,
      );
    },
    async seek(from) {
      try {
        return await inner.seek!(from);
      } finally {
        dropEnded(); // what was done and not committed is as lost as the rest: no commit may follow the new position
      }
    },
    async close() {
      room.open();
      const over = new AbortController();
      const last = Promise.all([...logs.values()].map(commit)).finally(() => over.abort()); // what failed before gets a last try
      await Promise.race([last, sleep(clock, LAST_MS, over.signal)]);
      await inner.close();
    },
  });
}
