import type { From } from '../../src/transport/channel.js';
import type { Clock } from '../../src/transport/clock.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { type Failures, NONE, type Receiver } from '../../src/transport/transport.js';
import { delivery } from './engine-fakes.js';

/** How a move of the positions ends; `but moved`: it failed, and the positions are stored all the same. */
export type SeekEnd = 'ok' | 'invalid' | 'lost' | 'lost but moved' | 'cut' | 'cut but moved';

/** From one assignment, or move, to the next. */
interface Reading {
  readonly lease: AbortController;
  readonly heads: number[];
}

const CALL_MS = 5;
const lost = (): MessagingError => new MessagingError('LOST', 'the group is rebalancing');

/** A log with one group of one member. It notes whatever no log may ever see. Ids are `partition:offset`. */
export class FakeLog {
  readonly faults: string[] = [];
  /** By partition: where the group goes on. */
  readonly committed: number[];
  /** By partition: where it was moved to the last time, how often it was moved, and what was handled since. */
  readonly movedTo: number[];
  readonly moves: number[];
  readonly done: Set<number>[];
  readonly ends: number[];
  seeks: SeekEnd[] = [];
  #current: Reading | undefined;
  #failure: MessagingError | undefined;
  #wake = (): void => {};
  #commits = new Set<Promise<unknown>>();

  constructor(
    readonly clock: Clock,
    partitions: number,
  ) {
    const zero = (): number[] => new Array<number>(partitions).fill(0);
    this.committed = zero();
    this.movedTo = zero();
    this.moves = zero();
    this.ends = zero();
    this.done = zero().map(() => new Set());
  }

  append(partition: number): void {
    this.ends[partition] = this.ends[partition]! + 1;
    this.#wake();
  }

  /** The partitions are taken away and given back: it is read again from what is committed. */
  rebalance(): void {
    this.#current?.lease.abort(lost());
    this.#current = { lease: new AbortController(), heads: [...this.committed] };
    this.#wake();
  }

  /** What a handler is told to do: `end` says that it ended well. */
  begin(id: string): { end(): void } {
    const [partition, offset] = id.split(':').map(Number) as [number, number];
    if (offset < this.movedTo[partition]!)
      this.faults.push(`${id} begins, though the group was moved to ${this.movedTo[partition]}`);
    const moves = this.moves[partition];
    return { end: () => void (moves === this.moves[partition] && this.done[partition]!.add(offset)) };
  }

  /** What was not handled since the group was moved before it. */
  get missing(): readonly string[] {
    return this.ends.flatMap((end, partition) =>
      Array.from({ length: end }, (_, offset) => offset)
        .filter((offset) => offset >= this.movedTo[partition]! && !this.done[partition]!.has(offset))
        .map((offset) => `${partition}:${offset}`),
    );
  }

  open(): Receiver {
    this.rebalance();
    this.#failure = undefined;
    let closed = false;
    let moving = false;
    return {
      receive: async (max, signal) => {
        this.#check();
        if (moving && !closed) this.faults.push('asked while it is moved');
        const taken = (): readonly Delivery[] => (closed || signal.aborted ? [] : this.#take(max));
        const now = taken();
        if (now.length > 0 || closed || signal.aborted) return now;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        this.#check();
        return taken();
      },
      settle: async (batch, verdict) => {
        if (verdict.type !== 'ack') this.faults.push(`asked to ${verdict.type}`);
        const own = this.#current;
        if (closed || own?.lease.signal.aborted !== false || batch.some(({ lease }) => lease !== own?.lease.signal))
          return batch.map((_, index) => ({ index, error: lost() }));
        const commit = this.#commit(batch, own);
        this.#commits.add(commit);
        return commit.finally(() => this.#commits.delete(commit));
      },
      seek: (from) => {
        moving = true;
        return this.#seek(from).finally(() => {
          moving = false;
        });
      },
      close: async () => {
        closed = true;
        this.#wake();
      },
    };
  }

  async #commit(batch: readonly Delivery[], own: Reading | undefined): Promise<Failures> {
    await this.#pause();
    if (own !== this.#current) return batch.map((_, index) => ({ index, error: lost() }));
    for (const { id } of batch) {
      const [partition, offset] = id.split(':').map(Number) as [number, number];
      for (let each = this.committed[partition]!; each <= offset; each++)
        if (!this.done[partition]!.has(each)) this.faults.push(`${id} is committed, and ${partition}:${each} is not done`);
      this.committed[partition] = offset + 1;
    }
    return NONE;
  }

  async #seek(from: From): Promise<readonly string[]> {
    const how = this.seeks.shift() ?? 'ok';
    if (how === 'invalid') throw new MessagingError('INVALID', 'there is no such position');
    const own = this.#current!;
    own.lease.abort(new MessagingError('LOST', 'the position was moved'));
    while (this.#commits.size > 0) await Promise.all(this.#commits);
    await this.#pause();
    if (own !== this.#current) throw lost(); // the broker knows that it is of the past
    const partitions = how.endsWith('moved') || how === 'ok' ? this.#move(from) : [];
    if (how === 'ok') {
      this.rebalance();
      return partitions;
    }
    if (how.startsWith('cut')) {
      const error = new MessagingError('CONNECTION', 'no answer');
      this.#failure = error;
      this.#wake();
      throw error;
    }
    this.rebalance();
    throw lost();
  }

  #move(from: From): readonly string[] {
    const positions = (from as { readonly position: string }).position.split(',').map((each) => each.split(':').map(Number));
    for (const [partition, offset] of positions as [number, number][]) {
      this.committed[partition] = offset;
      this.movedTo[partition] = offset;
      this.moves[partition] = this.moves[partition]! + 1;
      this.done[partition] = new Set();
    }
    return positions.map(([partition]) => String(partition));
  }

  #take(max: number): readonly Delivery[] {
    const { heads, lease } = this.#current!;
    if (lease.signal.aborted) return [];
    const out: Delivery[] = [];
    for (const [partition, end] of this.ends.entries())
      for (; heads[partition]! < end && out.length < max; heads[partition] = heads[partition]! + 1) {
        const id = `${partition}:${heads[partition]}`;
        out.push(delivery(id, { key: id.slice(-1), partition: String(partition), position: id, lease: lease.signal }));
      }
    return out;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.clock.timer(CALL_MS, resolve));
  }
}
