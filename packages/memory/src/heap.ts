/** Remembers where in its heap it stands, so that it can be taken out of the middle. One heap at a time. */
export interface Slotted {
  /** Means nothing while it is in no heap. */
  slot: number;
}

/** A binary heap: the first by `before` is at hand, everything else costs log n. */
export class Heap<T extends Slotted> implements Iterable<T> {
  private readonly items: T[] = [];

  constructor(private readonly before: (one: T, other: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.rise(item, this.items.length - 1);
  }

  pop(): T | undefined {
    const first = this.items[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** The item must be in this heap; what it is compared by may have changed since it came in. */
  remove(item: T): void {
    const last = this.items.pop()!;
    if (last !== item) this.sink(last, this.rise(last, item.slot));
  }

  clear(): void {
    this.items.length = 0;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items.values();
  }

  private rise(item: T, from: number): number {
    let slot = from;
    while (slot > 0) {
      const above = this.items[(slot - 1) >> 1]!;
      if (!this.before(item, above)) break;
      this.put(above, slot);
      slot = (slot - 1) >> 1;
    }
    return this.put(item, slot);
  }

  private sink(item: T, from: number): void {
    let slot = from;
    for (;;) {
      let below = 2 * slot + 1;
      if (below >= this.items.length) break;
      if (below + 1 < this.items.length && this.before(this.items[below + 1]!, this.items[below]!)) below += 1;
      if (!this.before(this.items[below]!, item)) break;
      this.put(this.items[below]!, slot);
      slot = below;
    }
    this.put(item, slot);
  }

  private put(item: T, slot: number): number {
    this.items[slot] = item;
    item.slot = slot;
    return slot;
  }
}
