import type { Clock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import { RECEIVE_WAIT_MS } from '../transport/inbox.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { IdempotencyStore } from './idempotency-store.js';
import type { OnStuck } from './insist.js';
import { pause, pauseMs } from './pause.js';
import { discard, isLost, wrapReceiver } from './wrap.js';

export interface IdempotentOptions {
  readonly store: IdempotencyStore;
  readonly clock: Clock;
  /** The most deliveries in one settle of the inner receiver. */
  readonly settleBatch: number;
  /** Called for every message that is acked without being handled. */
  readonly onDuplicate: (delivery: Delivery) => void;
  /** Hears of a store that fails. */
  readonly onStuck: OnStuck;
}

/** The delivery of an id that was handed out, and the duplicates that wait for how it ends. */
interface Running {
  readonly delivery: Delivery;
  readonly twins: Delivery[];
}

const MOST_TWINS = 1_000;
const LEAST_RUNNING = 1_024;
const EMPTY: readonly Delivery[] = Object.freeze([]);

/**
 * Handles each id once, as far back as the store remembers: a message whose id was recorded is acked and counted instead of
 * handed out. An id is recorded once its handler succeeded, before the ack, so that a lost ack makes no second handling. A
 * duplicate that comes while the first is being handled waits for its end: acked after a success, else handed out.
 *
 * While the store fails nothing new is handed out and no ack leaves: it is asked again after 1 s, doubling to 20 s, `onStuck`
 * hears of it, and an ack fails as retryable after that pause.
 *
 * Caveat: a process that dies between its handler's effect and `record` handles the message again, and two processes may
 * handle two copies at the same time; only a store in the handler's own transaction rules that out. A message without an id
 * is not checked.
 * Cost: one `seen` and one `record` a message, in parallel within a batch.
 * Bound: the window is the store's. Duplicates that wait are held here and their locks are not extended: one whose lock ends
 * is forgotten, and judged again when it comes back. At most 1,000 wait; what comes beyond is handed out.
 */
export function idempotent(inner: Receiver, { store, clock, settleBatch, onDuplicate, onStuck }: IdempotentOptions): Receiver {
  const running = new Map<string, Running>();
  const closing = new AbortController();
  const unjudged: Delivery[] = []; // received; the next receive judges them
  let waiting = 0; // twins
  let mostRunning = LEAST_RUNNING; // then those that were lost are looked for
  let failures = 0; // of the store, in a row

  /** Asks the store. A failure is thrown after the pause, so that asking again at once makes no hot loop. */
  const ask = async <T>(question: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    try {
      const answer = await question();
      if (failures > 0) onStuck(undefined);
      failures = 0;
      return answer;
    } catch (cause) {
      const error = new MessagingError(
        'TIMEOUT',
        `The idempotency store failed: ${textOf(cause)}. Messages wait until it answers.`,
        { cause },
      );
      if (failures++ === 0) onStuck(error);
      await pause(clock, Math.min(pauseMs(failures), RECEIVE_WAIT_MS), [closing.signal, signal]);
      throw error;
    }
  };
  /** It is not being handled any more; its twins are what the caller has to decide on. */
  const end = (delivery: Delivery): readonly Delivery[] => {
    const entry = running.get(delivery.id);
    if (entry?.delivery !== delivery) return EMPTY;
    running.delete(delivery.id);
    waiting -= entry.twins.length;
    return entry.twins;
  };
  /** What was lost may never come back here, and no verdict of it comes any more: its duplicates are judged anew. */
  const forgetLost = (): void => {
    for (const { delivery } of running.values()) if (isLost(delivery, clock)) unjudged.push(...end(delivery));
    mostRunning = Math.max(LEAST_RUNNING, 2 * running.size);
  };
  const drop = async (duplicates: readonly Delivery[]): Promise<void> => {
    for (const duplicate of duplicates) onDuplicate(duplicate);
    await discard(inner, duplicates, settleBatch);
  };

  const judge = async (batch: readonly Delivery[], signal: AbortSignal): Promise<readonly Delivery[]> => {
    if (running.size >= mostRunning) forgetLost();
    const candidates: Delivery[] = [];
    const asked: Delivery[] = [];
    for (const delivery of batch) {
      const first = running.get(delivery.id);
      const alive = first !== undefined && !isLost(first.delivery, clock);
      if (alive && waiting < MOST_TWINS) {
        first.twins.push(delivery);
        waiting++;
        continue;
      }
      candidates.push(delivery);
      if (alive || delivery.id === '') continue;
      running.set(delivery.id, { delivery, twins: first?.twins ?? [] });
      asked.push(delivery);
    }
    if (asked.length === 0) return candidates;
    try {
      const seen = await ask(() => Promise.all(asked.map(async ({ id }) => store.seen(id))), signal);
      const known = new Set(asked.filter((_, index) => seen[index]));
      if (known.size === 0) return candidates;
      await drop([...known].flatMap((delivery) => [delivery, ...end(delivery)]));
      return candidates.filter((delivery) => !known.has(delivery));
    } catch {
      unjudged.push(...candidates, ...asked.flatMap(end));
      return EMPTY;
    }
  };

  return wrapReceiver(inner, {
    async receive(max, signal) {
      if (unjudged.length === 0 || signal.aborted) return judge(await inner.receive(max, signal), signal);
      return judge(
        unjudged.splice(0, max).filter((delivery) => !isLost(delivery, clock)),
        signal,
      );
    },
    async settle(batch, verdict) {
      if (verdict.type !== 'ack') {
        const failed = await inner.settle(batch, verdict);
        const kept = new Set(failed.filter(({ error }) => error.code !== 'LOST').map(({ index }) => index));
        for (const [index, delivery] of batch.entries()) if (!kept.has(index)) unjudged.push(...end(delivery));
        return failed;
      }
      try {
        await ask(() => Promise.all(batch.map(async ({ id }) => (id === '' ? undefined : store.record(id)))));
      } catch (error) {
        return batch.map((_, index) => ({ index, error: error as MessagingError }));
      }
      const twins = batch.flatMap(end);
      try {
        return await inner.settle(batch, verdict);
      } finally {
        if (twins.length > 0) await drop(twins);
      }
    },
    async seek(from) {
      try {
        return await inner.seek!(from);
      } finally {
        forgetLost();
      }
    },
    close() {
      closing.abort();
      return inner.close();
    },
  });
}
