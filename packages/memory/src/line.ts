import { type Entry, earlier } from './entry.js';
import { Heap } from './heap.js';
import type { Holder } from './holder.js';
import type { Source } from './ring.js';

/** What is ready in one queue, and whose turn it is. */
export interface Line {
  /** How many are ready. */
  readonly size: number;
  /** Takes out the first one that this holder may have. */
  next(holder: Holder): Entry | undefined;
  /** Puts one that was handed out before back at its old place. */
  putBack(entry: Entry): void;
  /** A hand-out is over. */
  end(entry: Entry): void;
  /** A hand-out is over, and its message comes back later, by `resume`. */
  suspend(entry: Entry): void;
  /** Puts one that was suspended back at its old place. */
  resume(entry: Entry): void;
  /** Forgets what was put back; called when nothing of it is handed out. What its sources have stays. */
  forget(): void;
  /** All that is ready, in no particular order; of a log only what was put back. */
  entries(): Iterable<Entry>;
}

/** By priority, then in the order sent, to whoever asks. */
export class PlainLine implements Line {
  private readonly returned: readonly Heap<Entry>[];

  /** One source for each priority level, the lowest first. */
  constructor(private readonly fresh: readonly Source<Entry>[]) {
    this.returned = fresh.map(() => new Heap(earlier));
  }

  get size(): number {
    let size = 0;
    for (let level = 0; level < this.fresh.length; level++) size += this.fresh[level]!.size + this.returned[level]!.size;
    return size;
  }

  next(): Entry | undefined {
    for (let level = this.fresh.length - 1; level >= 0; level--) {
      // what was put back had its turn before everything that is still fresh
      const entry = this.returned[level]!.pop() ?? this.fresh[level]!.shift();
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  putBack(entry: Entry): void {
    this.returned[levelOf(entry, this.fresh.length)]!.push(entry);
  }

  end(): void {}

  suspend(): void {}

  resume(entry: Entry): void {
    this.putBack(entry);
  }

  forget(): void {
    for (const heap of this.returned) heap.clear();
  }

  *entries(): Generator<Entry> {
    for (const source of this.fresh) yield* source;
    for (const heap of this.returned) yield* heap;
  }
}

/** The index of the level that an entry belongs to; more than the highest counts as the highest (as in RabbitMQ). */
export const levelOf = (entry: Entry, levels: number): number => Math.min(Math.max(entry.message.priority, 0), levels - 1);
