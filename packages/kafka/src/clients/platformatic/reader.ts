import { setTimeout as sleep } from 'node:timers/promises';
import type { fetchV17 } from '@platformatic/kafka';
import type { LogBatch } from '../../client.js';
import { nameOf } from '../../errors.js';
import type { ResolvedOptions } from '../../options.js';
import { connectionOf, cut, delayOf, guard, named } from './connection.js';
import { library } from './library.js';
import { recordsOf } from './records.js';

/** Failed fetches from one broker in a row, each after a longer pause, until the reader gives up: about 7 s where each fails at once. */
const FAILURES = 10;

/** Stands for whichever broker says who leads. */
const NOBODY = -1;

/** Refusals that would be the same again. */
const DEFINITE: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);

/** Where a partition is read; another one takes its place where it is sought. */
interface Position {
  readonly partition: number;
  next: bigint;
}

/** What a reader tells. None of it may throw. */
export interface ReaderEvents {
  batch(batch: LogBatch): Promise<void>;
  /** The topic has so many partitions now. */
  counted(partitions: number): void;
  crashed(error: Error): void;
}

/** Fetches partitions of one topic from where they are sought, in a loop for each broker that leads some. */
export interface Reader {
  /** Resolves where the cluster answers and has the topic. */
  ready(): Promise<void>;
  /** Reads these partitions alone, each once it was sought. */
  assign(partitions: readonly number[]): void;
  seek(partition: number, offset: bigint): void;
  /** Of these partitions those that are to be read, and were not sought yet. */
  unsought(partitions: readonly number[]): readonly number[];
  /** The first offset that is kept of each of these partitions. */
  firsts(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>;
  pause(partitions: readonly number[]): void;
  resume(partitions: readonly number[]): void;
  close(): Promise<void>;
}

/** Connects a reader. Batches are told one after another, whatever the brokers; meanwhile their brokers are not asked for more. */
export async function openReader(
  options: ResolvedOptions,
  clientId: string,
  { topic, groupId }: { readonly topic: string; readonly groupId: string },
  events: ReaderEvents,
): Promise<Reader> {
  const { Consumer, FetchIsolationLevels, ListOffsetTimestamps } = await library();
  const consumer = guard(
    new Consumer({
      ...connectionOf(options, clientId),
      requestTimeout: options.requestTimeoutMs + options.fetchWaitMs,
      retries: 0, // whoever leads now has to be asked, not the same broker again
      metadataMaxAge: options.metadataMaxAgeMs, // a broker that leads no more says so at once
      groupId,
    }),
  );
  consumer.topics.track(topic);
  const limits = {
    minBytes: 1,
    maxBytes: options.fetchBytes,
    maxWaitTime: options.fetchWaitMs,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
  };
  const partitionMaxBytes = Math.max(options.maxMessageBytes, Math.min(options.fetchBytes, 1_048_576));
  const over = new AbortController();
  const wanted = new Set<number>();
  const paused = new Set<number>();
  const positions = new Map<number, Position>();
  /** Brokers that a loop is at. */
  const busy = new Set<number>();
  /** By broker: failures in a row. */
  const failures = new Map<number, number>();
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;
  let telling: Promise<void> = Promise.resolve();

  const isCurrent = (position: Position): boolean => !over.signal.aborted && positions.get(position.partition) === position;

  /** Starts a loop at each broker that leads partitions to be read, and has none. */
  const look = (): void => {
    if (over.signal.aborted) return;
    if (looking !== undefined) {
      isAskedAgain = true;
      return;
    }
    looking = start().finally(() => {
      looking = undefined;
      if (isAskedAgain) look();
    });
  };
  const start = async (): Promise<void> => {
    isAskedAgain = false;
    const readable = [...positions.values()].filter(({ partition }) => wanted.has(partition) && !paused.has(partition));
    if (readable.length === 0) return;
    try {
      const found = (await consumer.metadata({ topics: [topic] })).topics.get(topic);
      if (found === undefined) throw new Error(`nothing is known of the topic '${topic}'`);
      events.counted(found.partitionsCount);
      const leaderOf = ({ partition }: Position): number => found.partitions[partition]?.leader ?? NOBODY;
      const nodes = new Set(readable.map(leaderOf));
      for (const node of nodes) {
        const led = readable.filter((position) => isCurrent(position) && leaderOf(position) === node);
        if (node >= 0 && !busy.has(node) && led.length > 0) void read(node, found.id, led);
      }
      if (nodes.has(NOBODY)) throw new Error('a partition has no leader');
      failures.delete(NOBODY);
    } catch (error) {
      if (!(await isOver(NOBODY, error))) isAskedAgain = true;
    }
  };
  /** One fetch from one broker, then whoever is to be asked next. */
  const read = async (node: number, topicId: string, led: readonly Position[]): Promise<void> => {
    busy.add(node);
    try {
      const partitions = led.map(({ partition, next }) => ({
        partition,
        fetchOffset: next,
        partitionMaxBytes,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      }));
      const { responses } = await consumer.fetch({ ...limits, node, topics: [{ topicId, partitions }] });
      failures.delete(node);
      for (const fetched of responses.flatMap((response) => response.partitions)) {
        const position = led.find(({ partition }) => partition === fetched.partitionIndex);
        if (position === undefined) continue;
        telling = telling.then(() => tell(position, fetched));
        await telling;
      }
    } catch (error) {
      if (!(await isReset(error, led).catch(() => false))) await isOver(node, error);
    } finally {
      busy.delete(node);
      look();
    }
  };
  const tell = async (position: Position, fetched: fetchV17.FetchResponsePartition): Promise<void> => {
    if (!isCurrent(position)) return;
    const { records, next } = recordsOf(fetched, position.next);
    if (records.length > 0) {
      let taken = position.next;
      await events.batch({
        partition: position.partition,
        end: String(fetched.highWatermark),
        records,
        taken: (offset) => {
          taken = BigInt(offset) + 1n;
        },
        heartbeat: async () => {}, // the member sends its own
        wanted: () => isCurrent(position),
      });
      const last = records.at(-1)!.offset;
      position.next = taken > BigInt(last) ? next : taken;
    } else position.next = next;
  };
  /** True where positions that are not kept any more were what failed: they are set to the first that is. */
  const isReset = async (error: unknown, led: readonly Position[]): Promise<boolean> => {
    if (over.signal.aborted || nameOf(error) !== 'OFFSET_OUT_OF_RANGE') return false;
    const firsts = await reader.firsts(led.map(({ partition }) => partition));
    const { response } = error as {
      readonly response?: { readonly responses?: readonly { partitions: fetchV17.FetchResponsePartition[] }[] };
    };
    const failed = (response?.responses ?? []).flatMap(({ partitions }) => partitions).filter(({ errorCode }) => errorCode !== 0);
    for (const { partitionIndex } of failed) {
      const [position, first] = [led.find(({ partition }) => partition === partitionIndex), firsts.get(partitionIndex)];
      if (position !== undefined && first !== undefined && isCurrent(position)) reader.seek(partitionIndex, first);
    }
    return failed.length > 0;
  };
  /** Waits before the next try; true where there is none. */
  const isOver = async (node: number, error: unknown): Promise<boolean> => {
    if (over.signal.aborted) return true;
    const count = (failures.get(node) ?? 0) + 1;
    failures.set(node, count);
    if (count >= FAILURES || DEFINITE.has(nameOf(error) ?? '')) {
      over.abort();
      events.crashed(named(error) as Error);
      return true;
    }
    consumer.clearMetadata();
    await sleep(delayOf(count), undefined, { signal: over.signal }).catch(() => undefined);
    return over.signal.aborted;
  };

  const reader: Reader = {
    async ready() {
      try {
        await consumer.metadata({ topics: [topic] });
      } catch (error) {
        throw named(error);
      }
    },
    assign(partitions) {
      positions.clear();
      wanted.clear();
      paused.clear();
      for (const partition of partitions) wanted.add(partition);
    },
    seek(partition, offset) {
      if (!wanted.has(partition)) return;
      positions.set(partition, { partition, next: offset });
      look();
    },
    unsought: (partitions) => partitions.filter((partition) => wanted.has(partition) && !positions.has(partition)),
    async firsts(partitions) {
      const asked = { topics: [topic], partitions: { [topic]: [...partitions] }, timestamp: ListOffsetTimestamps.EARLIEST };
      const found = (await consumer.listOffsets(asked)).get(topic) ?? [];
      return new Map(partitions.map((partition) => [partition, found[partition] ?? 0n]));
    },
    pause: (partitions) => {
      for (const partition of partitions) paused.add(partition);
    },
    resume: (partitions) => {
      for (const partition of partitions) paused.delete(partition);
      look();
    },
    async close() {
      over.abort();
      await consumer.close(true).finally(() => cut(consumer));
    },
  };
  return reader;
}
