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
  const bounds = await boundsOf(admin, topic);
  const offsets = await offsetsOf(admin, topic, committed.size > 0 ? 'first' : from, bounds);
  return new Map(missing.map((partition) => [partition, offsets.get(partition) ?? bounds.get(partition)?.low ?? '0']));
}

/** Where `from` is in each of these partitions; a position says it only of those that it names. Throws INVALID for one that is none. */
export async function positionsOf(
  admin: LogAdmin,
  topic: string,
  partitions: ReadonlySet<number>,
  from: From,
): Promise<ReadonlyMap<number, bigint>> {
  const offsets = await offsetsOf(admin, topic, from, await boundsOf(admin, topic));
  return new Map(
    [...offsets].flatMap(([partition, offset]) => (partitions.has(partition) ? [[partition, BigInt(offset)] as const] : [])),
  );
}

/** What is kept of each partition: the offsets of its first message and behind its last one. */
type Bounds = ReadonlyMap<number, { readonly low: string; readonly high: string }>;

const boundsOf = async (admin: LogAdmin, topic: string): Promise<Bounds> =>
  new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [partition, { low, high }]));

async function offsetsOf(admin: LogAdmin, topic: string, from: From, bounds: Bounds): Promise<ReadonlyMap<number, string>> {
  if (from === 'first') return new Map([...bounds].map(([partition, { low }]) => [partition, low]));
  if (from === 'next') return new Map([...bounds].map(([partition, { high }]) => [partition, high]));
  if (!(from instanceof Date)) {
    const positions = parse(topic, from.position);
    for (const [partition, offset] of positions) check(topic, partition, offset, bounds.get(partition));
    return positions;
  }
  if (Number.isNaN(from.getTime())) throw kafkaError('INVALID', `'${topic}' cannot be read from a date that is none`);
  const found = new Map(
    (await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime())).map(({ partition, offset }) => [partition, offset]),
  );
  const since = (partition: number, high: string): string => {
    const offset = found.get(partition);
    return offset === undefined || Number(offset) < 0 ? high : offset;
  };
  return new Map([...bounds].map(([partition, { high }]) => [partition, since(partition, high)]));
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
