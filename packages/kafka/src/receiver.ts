import type { Clock, From, MessagingError, Receiver, Subscription } from '@omnibus/core/transport';
import { type Assignment, assignmentOf, type Receipt, settle } from './assignment.js';
import { RECEIVE_BATCH, SETTLE_BATCH } from './capabilities.js';
import type { LogAdmin, LogBatch, LogClient } from './client.js';
import { CLOSE_MS, JOIN_MS, SEEK_MS, within } from './deadline.js';
import { type Drain, drainOf } from './drain.js';
import { callError, kafkaError } from './errors.js';
import type { ResolvedOptions } from './options.js';
import { place } from './placing.js';
import { shelf } from './shelf.js';
import { positionsOf } from './starts.js';
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

/**
 * The receiving end of one group on a topic. What a fetch brings goes to the inbox as there is room; meanwhile the group hears
 * heartbeats, however long handlers take. A rebalance ends the lease of all that was handed out; with `drainMs` what can be settled
 * within it is settled before. An ack commits up to its message: `settleEach` above it acks a message only once all before it are done.
 */
export async function openReceiver({ client, admin, subscription, options, clientId, clock }: ReceiverPlace): Promise<Receiver> {
  const topic = subscription.channel.address;
  const groupId = groupOf(subscription);
  const where = `receiving from '${topic}' as group '${groupId}'`;
  const capacity = Math.max(1, subscription.window);
  const box = shelf(clock);
  // what the core carries for itself has no types: a mover holds what is parked until its time has come, and is not to be waited for
  const drainMs = subscription.channel.types.length > 0 ? options.drainMs : 0;
  const ends = new Map<number, bigint>();
  const heads = new Map<number, bigint>();
  let assignment: Assignment | undefined;
  let draining: Drain | undefined;
  let ended: MessagingError | undefined;
  let closing: Promise<void> | undefined;
  let wake = (): void => {};
  let joined = (): void => {};
  const hasJoined = new Promise<void>((resolve) => {
    joined = resolve;
  });

  const assign = (partitions: Iterable<number>): Assignment => {
    assignment = assignmentOf(partitions, where, (offsets) => consumer.commit(offsets));
    return assignment;
  };
  const gather = async (): Promise<void> => {
    const own = assignment;
    if (own !== undefined && drainMs > 0) {
      draining = drainOf(own, drainMs, clock);
      box.drop();
      wake();
      await draining.done;
      draining = undefined;
    }
    own?.commits.flush();
  };
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
      gathering: gather,
      left: () => leave(kafkaError('LOST', `${where}: the group is rebalancing`)),
      joined(partitions) {
        if (ended !== undefined) return;
        const own = assign(partitions);
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
      if (!own!.from.has(partition)) own!.from.set(partition, BigInt(records[from]!.offset));
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

  const receiver: Receiver = {
    lag() {
      const own = [...(assignment?.partitions ?? [])];
      return Object.fromEntries(own.map((partition) => [partition, behind(partition)]));
    },
    async receive(max, signal) {
      if (max > RECEIVE_BATCH) throw kafkaError('INVALID', `${where}: ${max} at once, the limit is ${RECEIVE_BATCH}`);
      const taken = await box.take(max, signal);
      for (const { receipt } of drainMs > 0 ? taken : []) {
        const { assignment: of, partition, offset } = receipt as Receipt;
        of.taken.set(partition, offset + 1n);
      }
      wake();
      return taken;
    },
    async settle(batch, verdict) {
      if (batch.length > SETTLE_BATCH)
        throw kafkaError('INVALID', `${where}: ${batch.length} at once, the limit is ${SETTLE_BATCH}`);
      const failures = await settle(batch, verdict, { own: assignment, where, readAgain });
      draining?.look();
      return failures;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
  if (subscription.channel.kind !== 'queue') {
    receiver.seek = async (from) => {
      try {
        return await within(clock, SEEK_MS, `${where}: moving its position`, seek(from));
      } catch (error) {
        const failure = callError(`${where}: moving its position`, error);
        if (failure.code !== 'INVALID' && failure.code !== 'LOST') end(failure); // what is stored is read anew
        throw failure;
      }
    };
  }
  return receiver;

  function behind(partition: number): number {
    const [last, next] = [ends.get(partition), heads.get(partition)];
    return last === undefined || next === undefined ? 0 : Math.max(0, Number(last - next));
  }

  /** Partitions that the position does not name are read again from what is not committed, as their lease ends with the others'. */
  async function seek(from: From): Promise<readonly string[]> {
    const own = assignment;
    const stillOurs = (): Assignment => {
      if (ended !== undefined) throw ended;
      if (own !== undefined && assignment === own && draining === undefined) return own;
      throw kafkaError('LOST', `${where}: the group is rebalancing; nothing was moved`);
    };
    await placed.done().catch(() => undefined); // it would undo what is moved here; where it failed, this receiver has ended
    const positions = await positionsOf(admin, topic, stillOurs().partitions, from);
    if (positions.size === 0) return [];
    const old = stillOurs();
    old.commits.end();
    old.lease.abort(kafkaError('LOST', `${where}: the position was moved`));
    await old.commits.idle();
    const now = assign(stillOurs().partitions);
    box.drop();
    for (const partition of now.partitions) {
      const offset = positions.get(partition) ?? old.from.get(partition);
      if (offset === undefined) continue; // nothing of it was handed out
      readFrom(partition, offset);
      heads.set(partition, offset);
    }
    wake();
    const stored = [...positions].map(([partition, offset]) => now.commits.add(partition, offset));
    await Promise.all(stored).catch((cause: unknown) => {
      if ((cause as MessagingError).code !== 'LOST') throw cause;
      throw kafkaError('LOST', `${where}: the group is rebalancing; it may have been moved, or not`, { cause });
    });
    return [...positions.keys()].sort((one, other) => one - other).map(String);
  }

  /** Reads a partition again from this offset on, under the same lease. */
  function readAgain(partition: number, offset: bigint): void {
    const taken = assignment?.taken;
    if ((taken?.get(partition) ?? 0n) > offset) taken?.set(partition, offset);
    box.drop(partition);
    readFrom(partition, offset);
    wake();
  }

  function readFrom(partition: number, offset: bigint): void {
    placed.told(partition);
    consumer.seek(partition, String(offset));
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
