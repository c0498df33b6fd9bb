import type { From } from '@omnibus/core/transport';
import type { LogAdmin } from './client.js';
import { kafkaError } from './errors.js';

/** Offsets at which a group begins, by partition: only of partitions in which it has no position yet. */
export type Starts = ReadonlyMap<number, string>;

/** What a group knows of a topic. */
export interface Standing {
  /** By partition, where it has a position. */
  readonly committed: Starts;
  readonly missing: readonly number[];
}

/** Reads the positions of a group. */
export async function standingOf(admin: LogAdmin, topic: string, groupId: string): Promise<Standing> {
  const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
  const committed = new Map<number, string>();
  const missing: number[] = [];
  for (const { partition, offset } of found?.partitions ?? []) {
    if (Number(offset) >= 0) committed.set(partition, offset);
    else missing.push(partition);
  }
  return { committed, missing };
}

/**
 * Where a group begins in the partitions in which it has no position. One that has some already was there before the others were
 * added, and reads those from their beginning. Throws INVALID for a position that is none.
 */
export async function startsOf(admin: LogAdmin, topic: string, { committed, missing }: Standing, from: From): Promise<Starts> {
  if (missing.length === 0) return new Map();
  const bounds = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [partition, { low, high }]));
  const by = async (): Promise<(partition: number) => string | undefined> => {
    if (committed.size > 0 || from === 'first') return (partition) => bounds.get(partition)?.low;
    if (from === 'next') return (partition) => bounds.get(partition)?.high;
    if (from instanceof Date) {
      if (Number.isNaN(from.getTime())) throw kafkaError('INVALID', `'${topic}' cannot be read from a date that is none`);
      const found = new Map(
        (await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime())).map(({ partition, offset }) => [partition, offset]),
      );
      return (partition) => (Number(found.get(partition) ?? -1) >= 0 ? found.get(partition) : bounds.get(partition)?.high);
    }
    const positions = parse(topic, from.position);
    for (const [partition, offset] of positions) check(topic, partition, offset, bounds.get(partition));
    return (partition) => positions.get(partition) ?? bounds.get(partition)?.low;
  };
  const start = await by();
  return new Map(missing.map((partition) => [partition, start(partition) ?? '0']));
}

/** `3:17`, or several of them with commas. */
function parse(topic: string, position: string): ReadonlyMap<number, string> {
  const positions = new Map<number, string>();
  for (const each of position.split(',')) {
    const [, partition, offset] = /^\s*(\d+):(\d+)\s*$/.exec(each) ?? [];
    if (partition === undefined || offset === undefined)
      throw kafkaError('INVALID', `'${topic}' cannot be read from '${position}': a position is partition:offset, as in 3:17`);
    positions.set(Number(partition), offset);
  }
  return positions;
}

function check(
  topic: string,
  partition: number,
  offset: string,
  kept: { readonly low: string; readonly high: string } | undefined,
): void {
  const wrong = (why: string): never => {
    throw kafkaError('INVALID', `'${topic}' cannot be read from ${partition}:${offset}: ${why}`);
  };
  if (kept === undefined) wrong('there is no such partition');
  else if (BigInt(offset) < BigInt(kept.low)) wrong(`it is no longer kept, the first is ${partition}:${kept.low}`);
  else if (BigInt(offset) > BigInt(kept.high)) wrong(`it is not written yet, the next is ${partition}:${kept.high}`);
}
