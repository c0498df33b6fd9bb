import type { MessagingError } from '../transport/errors.js';
import type { Message } from '../transport/message.js';
import type { Flight } from './flights.js';
import type { Lane } from './key-order.js';

/** One message whose `send` is not settled yet. It is a link of two chains: all by age, and the line that it waits in. */
export class Pending {
  older: Pending | undefined = undefined;
  newer: Pending | undefined = undefined;
  line: Line | undefined = undefined;
  before: Pending | undefined = undefined;
  behind: Pending | undefined = undefined;
  lane: Lane | undefined = undefined;
  flight: Flight | undefined = undefined;
  settled = false;
  /** Tries that the broker failed, and the moment of the next one; 0 = none failed. */
  tries = 0;
  due = 0;
  /** Why the last try failed. */
  error: MessagingError | undefined = undefined;
  /** A try ended without an answer: the broker may have it. */
  unknown = false;
  resolve!: () => void;
  reject!: (error: MessagingError) => void;
  /** Takes the caller's abort listener away. */
  forget: (() => void) | undefined = undefined;

  constructor(
    readonly message: Message,
    readonly bytes: number,
    readonly deadline: number,
  ) {}
}

/** A line of messages that wait; a message stands in one line at most. All steps take the same time however long it is. */
export class Line {
  first: Pending | undefined = undefined;
  last: Pending | undefined = undefined;
  count = 0;
  bytes = 0;

  push(item: Pending): void {
    item.line = this;
    item.behind = undefined;
    item.before = this.last;
    if (this.last === undefined) this.first = item;
    else this.last.behind = item;
    this.last = item;
    this.count++;
    this.bytes += item.bytes;
  }

  /** To the front. */
  unshift(item: Pending): void {
    item.line = this;
    item.before = undefined;
    item.behind = this.first;
    if (this.first === undefined) this.last = item;
    else this.first.before = item;
    this.first = item;
    this.count++;
    this.bytes += item.bytes;
  }

  remove(item: Pending): void {
    if (item.before === undefined) this.first = item.behind;
    else item.before.behind = item.behind;
    if (item.behind === undefined) this.last = item.before;
    else item.behind.before = item.before;
    item.line = item.before = item.behind = undefined;
    this.count--;
    this.bytes -= item.bytes;
  }

  /** Forgets all of them without a look at any: whoever clears a line puts each one elsewhere. */
  clear(): void {
    this.first = this.last = undefined;
    this.count = this.bytes = 0;
  }
}

/** All that is unsettled, in the order of `send`: as one timeout holds for all, also in the order of deadlines. */
export class Ages {
  oldest: Pending | undefined = undefined;
  #newest: Pending | undefined = undefined;

  push(item: Pending): void {
    item.older = this.#newest;
    if (this.#newest === undefined) this.oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
  }

  remove(item: Pending): void {
    if (item.older === undefined) this.oldest = item.newer;
    else item.older.newer = item.newer;
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    item.older = item.newer = undefined;
  }
}
