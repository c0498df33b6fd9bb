import type { Entry } from './entry.js';
import { Heap } from './heap.js';
import { type Lane, laneEarlier } from './lanes.js';
import type { Queue } from './queue.js';

/** What one receiver holds unsettled of one queue, in the order in which it was given. */
export class Holder {
  first: Entry | undefined = undefined;
  private last: Entry | undefined = undefined;
  /** How many it holds. */
  size = 0;
  /** Lanes that it holds of which more is ready. */
  readonly lanes = new Heap<Lane>(laneEarlier);

  constructor(
    readonly queue: Queue,
    readonly terms: HoldTerms,
  ) {}

  add(entry: Entry): void {
    entry.holder = this;
    entry.previous = this.last;
    if (this.last === undefined) this.first = entry;
    else this.last.following = entry;
    this.last = entry;
    this.size += 1;
  }

  remove(entry: Entry): void {
    const { previous, following } = entry;
    if (previous === undefined) this.first = following;
    else previous.following = following;
    if (following === undefined) this.last = previous;
    else following.previous = previous;
    entry.previous = undefined;
    entry.following = undefined;
    this.size -= 1;
  }

  /** A copy, oldest first: what it holds changes while one walks through it. */
  entries(): Entry[] {
    const all: Entry[] = [];
    for (let entry = this.first; entry !== undefined; entry = entry.following) all.push(entry);
    return all;
  }
}

/** On what terms a receiver is given messages. */
export interface HoldTerms {
  /** Infinity = no lock. */
  readonly lockMs: number;
  /** Whether what is past its time is dropped instead of handed out. */
  readonly dropsExpired: boolean;
  readonly lease: AbortSignal;
}
