import type { Subscription } from '@omnibus/core/transport';
import type { LogAdmin, LogConsumer } from './client.js';
import { type Standing, standingOf, startsOf } from './starts.js';

/** Puts a new group where it wants to begin. */
export interface Placing {
  /** Before the group is joined. Throws INVALID where it wants to begin at what is not there. */
  prepare(): Promise<void>;
  /** These partitions are ours, until `isOurs` is false. `failed`: they are ours and stay unread, as their positions could not be set. */
  joined(partitions: readonly number[], isOurs: () => boolean, failed: (error: unknown) => void): void;
  /**
   * The client was told where to read this partition, and may carry that over to an assignment in which the group stands elsewhere:
   * from now on each join looks where that is.
   */
  told(partition: number): void;
  /** Resolves when the group stands where it is to begin; rejects where that failed. */
  done(): Promise<void>;
}

/**
 * The positions of a group that has none, committed by the first member that gets the partition: from then on the group is there, and
 * misses nothing, whether somebody reads or not. Partitions without a position are not read before they have one. A queue's
 * group has no say in it: it begins at the beginning, which is what kafkajs does by itself.
 */
export function place(o: {
  readonly admin: LogAdmin;
  readonly consumer: LogConsumer;
  readonly subscription: Subscription;
  readonly topic: string;
  readonly groupId: string;
}): Placing {
  const { admin, consumer, subscription, topic, groupId } = o;
  let starts = new Map<number, string>();
  let work: Promise<void> = Promise.resolve();
  const read = (): Promise<Standing> => standingOf(admin, topic, groupId);

  const begin = async (partitions: readonly number[], isOurs: () => boolean): Promise<void> => {
    const { committed } = await read();
    if (!isOurs()) return;
    const fresh = new Map<number, bigint>();
    for (const partition of partitions) {
      const known = committed.get(partition);
      const offset = known ?? starts.get(partition) ?? '0';
      if (known === undefined) fresh.set(partition, BigInt(offset));
      consumer.seek(partition, offset); // kafkajs may have looked before another member had committed
    }
    if (fresh.size > 0) await consumer.commit(fresh);
    if (isOurs()) consumer.resume(partitions);
  };
  return {
    async prepare() {
      if (subscription.group === undefined) return;
      starts = new Map(await startsOf(admin, topic, await read(), subscription.from));
    },
    joined(partitions, isOurs, failed) {
      const without = partitions.filter((partition) => starts.has(partition));
      if (without.length === 0) return;
      consumer.pause(without);
      work = new Promise((resolve) => setImmediate(resolve)).then(() => begin(without, isOurs));
      work.catch((error: unknown) => isOurs() && failed(error));
    },
    told(partition) {
      if (!starts.has(partition)) starts.set(partition, '0');
    },
    done: () => work,
  };
}
