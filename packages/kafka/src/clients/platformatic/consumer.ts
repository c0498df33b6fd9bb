import type { LogConsumer, LogEvents } from '../../client.js';
import type { ResolvedOptions } from '../../options.js';
import { openMember } from './member.js';
import { openReader } from './reader.js';

/**
 * A member of a group on a topic, not joined yet. Where the group has no position in a partition, it reads it from its beginning. The
 * member and the reader have connections of their own: heartbeats and commits wait for no fetch.
 */
export async function openConsumer(
  options: ResolvedOptions,
  clientId: string,
  at: { readonly topic: string; readonly groupId: string },
  events: LogEvents,
): Promise<LogConsumer> {
  let isOver = false;
  /** Counts the assignments. */
  let turn = 0;
  /** Partitions that are known to be shared out; each growth is told once. */
  let shared = 0;

  const crashed = (error: Error): void => {
    if (isOver) return;
    isOver = true;
    reader.assign([]);
    events.crashed(error);
  };
  /** Where a group goes on: behind what it committed, or from the first message. */
  const begin = async (partitions: readonly number[], isOurs: () => boolean): Promise<void> => {
    const committed = await member.committed(partitions);
    const without = reader.unsought(partitions).filter((partition) => !committed.has(partition));
    const firsts = without.length === 0 || !isOurs() ? committed : await reader.firsts(without);
    if (!isOurs()) return; // others may have committed further since
    for (const partition of reader.unsought(partitions))
      reader.seek(partition, committed.get(partition) ?? firsts.get(partition) ?? 0n);
  };

  const reader = await openReader(options, clientId, at, {
    batch: (batch) => events.batch(batch),
    counted(partitions) {
      const isMore = shared > 0 && partitions > shared;
      shared = Math.max(shared, partitions);
      if (isMore) member.grown();
    },
    crashed,
  });
  const member = await openMember(options, clientId, at, {
    gathering() {
      reader.assign([]);
      return events.gathering();
    },
    left() {
      turn++;
      reader.assign([]);
      events.left();
    },
    joined(partitions) {
      if (isOver) return;
      reader.assign(partitions);
      events.joined(partitions);
      const own = turn;
      begin(partitions, () => turn === own).catch((error: unknown) => turn === own && crashed(error as Error));
    },
    crashed,
  });

  return {
    async start() {
      await reader.ready(); // the member would wait for silent brokers as long as a join may take
      await member.start();
    },
    commit: (offsets) => member.commit(offsets),
    seek: (partition, offset) => reader.seek(partition, BigInt(offset)),
    pause: (partitions) => reader.pause(partitions),
    resume: (partitions) => reader.resume(partitions),
    async close() {
      isOver = true;
      await Promise.all([reader.close(), member.close()]);
    },
  };
}
