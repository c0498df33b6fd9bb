/** What comes first-in, first-out: the fresh end of a line. */
export interface Source<T> extends Iterable<T> {
  readonly size: number;
  /** Takes the oldest one out. */
  shift(): T | undefined;
}

const SMALLEST = 64; // places; a power of two

/** A queue in one array that is used round and round: push, shift and `at` cost the same however long it is. */
export class Ring<T> implements Source<T> {
  private places = new Array<T | undefined>(SMALLEST);
  private head = 0;
  size = 0;

  push(item: T): void {
    if (this.size === this.places.length) this.resize(this.size * 2);
    this.places[(this.head + this.size) & (this.places.length - 1)] = item;
    this.size += 1;
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.places[this.head];
    this.places[this.head] = undefined;
    this.head = (this.head + 1) & (this.places.length - 1);
    this.size -= 1;
    if (this.size === 0 && this.places.length > SMALLEST) this.resize(SMALLEST);
    return item;
  }

  /** The one that `index` shifts from now would give. */
  at(index: number): T | undefined {
    return index < this.size ? this.places[(this.head + index) & (this.places.length - 1)] : undefined;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.size; index++) yield this.at(index)!;
  }

  private resize(places: number): void {
    const next = new Array<T | undefined>(places);
    for (let index = 0; index < this.size; index++) next[index] = this.at(index);
    this.places = next;
    this.head = 0;
  }
}
