import type { Clock } from '@omnibus/core/transport';
import type { LogAdmin, LogClient, LogConsumer, LogEvents } from '../../src/client.js';

/** Records of one partition in one fetch. */
const FETCH = 3;

/**
 * A topic, one group and one member at a time, with the manners of kafkajs: a seek is kept until the next fetch, over rebalances too; a
 * batch that was fetched before is handed out after it, marked as stale; commits are of the generation in which they leave.
 */
export class FakeCluster {
  /** By partition: records, and where the group stands; -1 where it has no position. */
  readonly ends: number[];
  readonly committed: number[];
  /** What the next commits do: fail as if it had not arrived, or as if its answer had not. */
  readonly commits: ('ok' | 'unsent' | 'unanswered')[] = [];
  /** It waits for what is settled before it joins anew, unlike kafkajs. */
  waits = false;
  #generation = 0;
  #isRebalancing = false;

  constructor(
    readonly clock: Clock,
    partitions: number,
    /** Ms that the next call takes; a commit or a look at the group's positions may be slower. */
    readonly latency: (call?: 'commit' | 'positions') => number,
  ) {
    this.ends = new Array<number>(partitions).fill(0);
    this.committed = new Array<number>(partitions).fill(-1);
  }

  rebalance(): void {
    this.#isRebalancing = true;
  }

  readonly admin = {
    fetchTopicOffsets: async () =>
      this.#later(() => this.ends.map((high, partition) => ({ partition, low: '0', high: String(high) }))),
    fetchOffsets: async () =>
      this.#later(
        () => [{ topic: 't', partitions: this.committed.map((offset, partition) => ({ partition, offset: String(offset) })) }],
        'positions',
      ),
  } as unknown as LogAdmin;

  readonly client = {
    openConsumer: async (_options: unknown, _id: string, _at: unknown, events: LogEvents) => this.#consumer(events),
  } as unknown as LogClient;

  #consumer(events: LogEvents): LogConsumer {
    const generation = (): number => this.#generation;
    const positions = new Map<number, number>();
    const sought = new Map<number, number>();
    const paused = new Set<number>();
    let isRunning = true;
    let stopped: Promise<void> | undefined;
    const join = async (): Promise<void> => {
      this.#isRebalancing = false;
      this.#generation++;
      await this.#later(() => undefined);
      paused.clear();
      events.left();
      positions.clear();
      events.joined([...this.ends.keys()]);
    };
    const fetch = async (): Promise<void> => {
      for (const partition of this.ends.keys()) {
        const to = sought.get(partition);
        sought.delete(partition);
        positions.set(partition, to ?? positions.get(partition) ?? Math.max(0, this.committed[partition]!));
      }
      const batches = await this.#later(() =>
        [...positions]
          .filter(([partition, from]) => !paused.has(partition) && !sought.has(partition) && from < this.ends[partition]!)
          .map(([partition, from]) => ({ partition, from, until: Math.min(from + FETCH, this.ends[partition]!) })),
      );
      for (const { partition, from, until } of batches) {
        const records = Array.from({ length: until - from }, (_, index) => record(partition, from + index));
        await events.batch({
          partition,
          end: String(this.ends[partition]),
          records,
          taken: (offset) => void positions.set(partition, Number(offset) + 1),
          heartbeat: async () => {
            if (this.#isRebalancing) throw new Error('rebalancing');
          },
          wanted: () => isRunning && !sought.has(partition),
        });
      }
    };
    const run = async (): Promise<void> => {
      while (isRunning) {
        try {
          if (this.#isRebalancing) throw new Error('rebalancing');
          await fetch();
        } catch {
          const settled = events.gathering();
          if (this.waits) await settled;
          events.left();
          await join();
        }
      }
    };
    return {
      start: async () => {
        await join();
        stopped = run();
      },
      commit: async (offsets) => {
        const [how, own] = [this.commits.shift() ?? 'ok', generation()];
        await this.#later(() => undefined, 'commit');
        if (own !== generation()) throw Object.assign(new Error('a past generation'), { type: 'ILLEGAL_GENERATION' });
        if (how !== 'unsent') for (const [partition, offset] of offsets) this.committed[partition] = Number(offset);
        if (how !== 'ok') throw new Error('no answer');
      },
      seek: (partition, offset) => void sought.set(partition, Number(offset)),
      pause: (partitions) => partitions.forEach((each) => paused.add(each)),
      resume: (partitions) => partitions.forEach((each) => paused.delete(each)),
      close: async () => {
        isRunning = false;
        await stopped;
      },
    };
  }

  #later<T>(give: () => T, call?: 'commit' | 'positions'): Promise<T> {
    return new Promise((resolve) => void this.clock.timer(this.latency(call), () => resolve(give())));
  }
}

const record = (partition: number, offset: number) => ({
  key: null,
  value: Buffer.from('note'),
  timestamp: '1',
  offset: String(offset),
  headers: { ce_id: `${partition}:${offset}`, ce_type: 'note' },
});
