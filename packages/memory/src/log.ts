import type { From, Message } from '@omnibus/core/transport';
import { Entry } from './entry.js';
import type { Interest } from './interest.js';
import { Ring, type Source } from './ring.js';

interface Record {
  readonly message: Message;
  /** Grows along the stream; the same over all its partitions. */
  readonly position: number;
  /** When it was appended, in ms since 1970. */
  readonly time: number;
}

/** One partition of a stream. An index counts from the first record that was ever appended. */
export class Log {
  /** Index of the oldest record that is kept. */
  first = 0;
  private records = new Ring<Record>();

  /** Index of the next record. */
  get end(): number {
    return this.first + this.records.size;
  }

  at(index: number): Record | undefined {
    return this.records.at(index - this.first);
  }

  append(record: Record): void {
    this.records.push(record);
  }

  /** Forgets the oldest record. */
  trim(): void {
    if (this.records.shift() !== undefined) this.first += 1;
  }

  clear(): void {
    this.first = this.end;
    this.records = new Ring();
  }

  /** Index of the first record that a group which begins at `from` reads. */
  indexOf(from: From): number {
    if (from === 'first') return this.first;
    if (from === 'next') return this.end;
    if (from instanceof Date) return this.firstWhere((record) => record.time >= from.getTime());
    return this.firstWhere((record) => record.position >= Number(from.position));
  }

  [Symbol.iterator](): Iterator<Record> {
    return this.records[Symbol.iterator]();
  }

  /** The test must hold for every record after the first for which it holds. */
  private firstWhere(test: (record: Record) => boolean): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(this.at(middle)!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** What one group has not read yet of one partition. */
export class Cursor implements Source<Entry> {
  constructor(
    private readonly log: Log,
    /** Index of the record that is read next. */
    public index: number,
    private readonly interest: Interest,
  ) {}

  /** Includes what the group will not want. */
  get size(): number {
    return this.log.end - this.index;
  }

  shift(): Entry | undefined {
    for (let record = this.log.at(this.index); record !== undefined; record = this.log.at(this.index)) {
      this.index += 1;
      if (this.interest.wants(record.message)) return new Entry(record.message, record.position, 0);
    }
    return undefined;
  }

  /** Nothing: what is unread lies in the log. */
  [Symbol.iterator](): Iterator<Entry> {
    return [][Symbol.iterator]();
  }
}
