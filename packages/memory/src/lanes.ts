import { type Entry, earlier } from './entry.js';
import { Heap } from './heap.js';
import type { Holder } from './holder.js';
import type { Line } from './line.js';
import type { Source } from './ring.js';

/** All messages of one key that are not fresh any more. It is gone as soon as there are none. */
export interface Lane {
  readonly key: string;
  /** Who holds messages of it: one receiver at a time, until it holds none. */
  holder: Holder | undefined;
  held: number;
  /** Messages that wait for their retry; the lane stands still meanwhile. */
  waiting: number;
  /** Ready, but another one of the key had to come first. */
  readonly parked: Heap<Entry>;
  /** Where it stands as one that can be handed out. */
  listed: Heap<Lane> | undefined;
  slot: number;
}

/** By the place in line of the message that is next. */
export const laneEarlier = (one: Lane, other: Lane): boolean => one.parked.peek()!.order < other.parked.peek()!.order;

/**
 * In the order sent, and of one key to one receiver at a time: while a message of a key is unsettled its followers go to
 * the same receiver or wait; while one waits for its retry nothing of its key is handed out. Messages without a key are free.
 */
export class Lanes implements Line {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that nobody holds. */
  private readonly free = new Heap<Lane>(laneEarlier);
  /** Given back, without a key. */
  private readonly keyless = new Heap<Entry>(earlier);
  private parked = 0;

  constructor(private readonly fresh: Source<Entry>) {}

  get size(): number {
    return this.fresh.size + this.parked + this.keyless.size;
  }

  next(holder: Holder): Entry | undefined {
    const lane = this.firstLane(holder);
    const loose = this.keyless.peek();
    if (loose !== undefined && (lane === undefined || earlier(loose, lane.parked.peek()!))) return this.keyless.pop();
    if (lane !== undefined) return this.unpark(lane, holder);
    // what is parked is older than everything fresh, so the fresh come last
    for (let entry = this.fresh.shift(); entry !== undefined; entry = this.fresh.shift()) {
      if (entry.message.key === undefined) return entry;
      const lane = this.lane(entry.message.key);
      // nothing is parked in a lane that is open to this holder: it would have come first, above
      if (lane.waiting === 0 && (lane.holder ?? holder) === holder) return this.claim(entry, lane, holder);
      this.park(entry, lane);
    }
    return undefined;
  }

  putBack(entry: Entry): void {
    if (entry.message.key === undefined) this.keyless.push(entry);
    else this.park(entry, this.lane(entry.message.key));
  }

  end(entry: Entry): void {
    const lane = entry.lane;
    if (lane === undefined) return;
    lane.held -= 1;
    if (lane.held === 0) lane.holder = undefined;
    this.list(lane);
  }

  suspend(entry: Entry): void {
    if (entry.lane !== undefined) entry.lane.waiting += 1;
    this.end(entry);
  }

  resume(entry: Entry): void {
    if (entry.message.key !== undefined) this.lane(entry.message.key).waiting -= 1;
    this.putBack(entry);
  }

  forget(): void {
    this.lanes.clear();
    this.free.clear();
    this.keyless.clear();
    this.parked = 0;
  }

  *entries(): Generator<Entry> {
    yield* this.fresh;
    yield* this.keyless;
    for (const lane of this.lanes.values()) yield* lane.parked;
  }

  private lane(key: string): Lane {
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = { key, holder: undefined, held: 0, waiting: 0, parked: new Heap(earlier), listed: undefined, slot: -1 };
      this.lanes.set(key, lane);
    }
    return lane;
  }

  private firstLane(holder: Holder): Lane | undefined {
    const own = holder.lanes.peek();
    const free = this.free.peek();
    if (own === undefined || free === undefined) return own ?? free;
    return laneEarlier(own, free) ? own : free;
  }

  private claim(entry: Entry, lane: Lane, holder: Holder): Entry {
    entry.lane = lane;
    lane.holder = holder;
    lane.held += 1;
    return entry;
  }

  private park(entry: Entry, lane: Lane): void {
    lane.parked.push(entry);
    this.parked += 1;
    this.list(lane);
  }

  private unpark(lane: Lane, holder: Holder): Entry {
    const entry = lane.parked.pop()!;
    this.parked -= 1;
    this.claim(entry, lane, holder);
    this.list(lane);
    return entry;
  }

  /** Puts a lane that changed where its next message will be looked for. */
  private list(lane: Lane): void {
    lane.listed?.remove(lane);
    lane.listed = lane.waiting > 0 || lane.parked.size === 0 ? undefined : (lane.holder?.lanes ?? this.free);
    lane.listed?.push(lane);
    if (lane.held === 0 && lane.waiting === 0 && lane.parked.size === 0) this.lanes.delete(lane.key);
  }
}
