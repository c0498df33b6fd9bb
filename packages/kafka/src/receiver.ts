import {
  type Clock,
  type Delivery,
  type Failures,
  type MessagingError,
  NONE,
  type Receiver,
  type Subscription,
  type Verdict,
} from '@omnibus/core/transport';
import { RECEIVE_BATCH, SETTLE_BATCH } from './capabilities.js';
import type { LogAdmin, LogBatch, LogClient } from './client.js';
import { type Commits, commits } from './commits.js';
import { CLOSE_MS, JOIN_MS, within } from './deadline.js';
import { callError, kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { place } from './placing.js';
import { shelf } from './shelf.js';
import { groupOf } from './topology.js';
import { toDelivery } from './wire.js';

/** What a receiver stands on. */
export interface ReceiverPlace {
  readonly client: LogClient;
  readonly admin: LogAdmin;
  readonly subscription: Subscription;
  readonly options: ResolvedOptions;
  readonly clientId: string;
  readonly clock: Clock;
}

/** The time between two joins of the group in which partitions are ours. */
interface Assignment {
  readonly lease: AbortController;
  readonly partitions: ReadonlySet<number>;
  readonly commits: Commits;
}

interface Receipt {
  readonly assignment: Assignment;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * The receiving end of one group on a topic. What a fetch brings goes to the inbox as there is room; meanwhile the group hears
 * heartbeats, however long handlers take. A rebalance ends the lease of all that was handed out. An ack commits up to its message:
 * `settleEach` above it acks a message only once all before it are done.
 */
export async function openReceiver({ client, admin, subscription, options, clientId, clock }: ReceiverPlace): Promise<Receiver> {
  const topic = subscription.channel.address;
  const groupId = groupOf(subscription);
  const where = `receiving from '${topic}' as group '${groupId}'`;
  const capacity = Math.max(1, subscription.window);
  const box = shelf(clock);
  const ends = new Map<number, bigint>();
  const heads = new Map<number, bigint>();
  let assignment: Assignment | undefined;
  let ended: MessagingError | undefined;
  let closing: Promise<void> | undefined;
  let wake = (): void => {};
  let joined = (): void => {};
  const hasJoined = new Promise<void>((resolve) => {
    joined = resolve;
  });

  const leave = (why: MessagingError): void => {
    const old = assignment;
    assignment = undefined;
    old?.commits.end();
    old?.lease.abort(why);
    box.drop();
    wake();
  };
  const end = (error: MessagingError): void => {
    if (ended !== undefined) return;
    // asking this one again would not help: only another receiver does
    ended = error.retryable && error.code !== 'CONNECTION' ? kafkaError('CONNECTION', error.message, { cause: error }) : error;
    leave(ended);
    box.fail(ended);
    joined();
  };

  const consumer = await client.openConsumer(
    options,
    clientId,
    { topic, groupId },
    {
      gathering: () => assignment?.commits.flush(),
      left: () => leave(kafkaError('LOST', `${where}: the group is rebalancing`)),
      joined(partitions) {
        if (ended !== undefined) return;
        const own: Assignment = {
          lease: new AbortController(),
          partitions: new Set(partitions),
          commits: commits(where, (offsets) => consumer.commit(offsets)),
        };
        assignment = own;
        placed.joined(
          partitions,
          () => assignment === own,
          (error) => end(callError(where, error)),
        );
        joined();
      },
      crashed: (error) => end(callError(where, error)),
      batch: onBatch,
    },
  );
  const placed = place({ admin, consumer, subscription, topic, groupId });

  /** Hands out a batch as there is room. Ends early where it is not wanted any more; what is not taken is fetched again. */
  async function onBatch(batch: LogBatch): Promise<void> {
    const own = assignment;
    const { partition, records } = batch;
    const isOurs = (): boolean => own !== undefined && assignment === own && own.partitions.has(partition) && batch.wanted();
    ends.set(partition, BigInt(batch.end));
    for (let from = 0; from < records.length; ) {
      if (!isOurs()) return;
      const room = capacity - box.size;
      if (room <= 0) {
        await someRoom();
        if (isOurs()) await batch.heartbeat();
        continue;
      }
      const until = Math.min(records.length, from + room);
      for (; from < until; from++) {
        const record = records[from]!;
        const receipt: Receipt = { assignment: own!, partition, offset: BigInt(record.offset) };
        box.put(partition, toDelivery(record, { partition, lease: own!.lease.signal, receipt }));
      }
      const last = records[from - 1]!.offset;
      batch.taken(last);
      heads.set(partition, BigInt(last) + 1n);
    }
  }

  /** Resolves when something was taken, when all was given up, or when it is time for a heartbeat. */
  const someRoom = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        resolve();
      };
      const timer = clock.timer(options.heartbeatMs, done, 'ref');
      wake = done;
    });

  try {
    await placed.prepare();
    await within(clock, JOIN_MS, where, Promise.all([consumer.start(), hasJoined]));
    if (ended !== undefined) throw ended;
    await within(clock, JOIN_MS, where, placed.done());
  } catch (error) {
    const failure = callError(where, error);
    end(failure);
    void consumer.close().catch(() => undefined);
    throw failure;
  }

  return {
    lag() {
      const own = [...(assignment?.partitions ?? [])];
      return Object.fromEntries(own.map((partition) => [partition, behind(partition)]));
    },
    async receive(max, signal) {
      if (max > RECEIVE_BATCH) throw kafkaError('INVALID', `${where}: ${max} at once, the limit is ${RECEIVE_BATCH}`);
      const taken = await box.take(max, signal);
      wake();
      return taken;
    },
    async settle(batch, verdict) {
      if (batch.length > SETTLE_BATCH)
        throw kafkaError('INVALID', `${where}: ${batch.length} at once, the limit is ${SETTLE_BATCH}`);
      return settle(batch, verdict);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  function behind(partition: number): number {
    const [last, next] = [ends.get(partition), heads.get(partition)];
    return last === undefined || next === undefined ? 0 : Math.max(0, Number(last - next));
  }

  async function settle(batch: readonly Delivery[], verdict: Verdict): Promise<Failures> {
    if (verdict.type !== 'ack' && verdict.type !== 'release')
      throw kafkaError('INVALID', `${where}: a log cannot ${verdict.type} a message; the core does that by a copy`);
    const failures: Failures[number][] = [];
    /** By partition: the furthest ack, or the first release. */
    const offsets = new Map<number, bigint>();
    const own = assignment;
    for (const [index, delivery] of batch.entries()) {
      const receipt = delivery.receipt as Receipt;
      if (receipt.assignment !== own) {
        failures.push({ index, error: kafkaError('LOST', `${where}: its partition was taken away, or given back, before`) });
        continue;
      }
      const known = offsets.get(receipt.partition);
      const isFurther = known === undefined || (verdict.type === 'ack' ? known < receipt.offset : known > receipt.offset);
      if (isFurther) offsets.set(receipt.partition, receipt.offset);
    }
    if (own === undefined) return failures;
    if (verdict.type === 'release') {
      for (const [partition, offset] of offsets) readAgain(partition, offset);
      return failures.length === 0 ? NONE : failures;
    }
    const outcomes = [...offsets].map(async ([partition, offset]) => {
      try {
        await own.commits.add(partition, offset + 1n);
      } catch (error) {
        for (const [index, { receipt }] of batch.entries()) {
          const { assignment: of, partition: its } = receipt as Receipt;
          if (of === own && its === partition) failures.push({ index, error: error as MessagingError });
        }
      }
    });
    await Promise.all(outcomes);
    return failures.length === 0 ? NONE : failures;
  }

  /** Reads a partition again from this offset on, under the same lease. */
  function readAgain(partition: number, offset: bigint): void {
    box.drop(partition);
    consumer.seek(partition, String(offset));
    wake();
  }

  async function close(): Promise<void> {
    await within(clock, CLOSE_MS, where, assignment?.commits.idle() ?? Promise.resolve()).catch(() => undefined);
    end(kafkaError('CLOSED', `${where}: the receiver is closed`));
    await within(clock, CLOSE_MS, where, consumer.close()).catch(() => undefined); // its session ends by itself then
    if (subscription.temporary) await within(clock, CLOSE_MS, where, forget()).catch(() => undefined);
  }

  /** What lived for this instance only. */
  async function forget(): Promise<void> {
    await admin.deleteGroup(groupId);
    if (subscription.channel.temporary) await admin.deleteTopics([topic]);
  }
}
