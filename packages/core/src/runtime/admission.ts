import { Ages, Line, type Pending } from './pending.js';

/** Bounds what is accepted and unresolved; whoever comes beyond it waits for room, first come, first served. */
export interface Admission {
  /** Accepted and unresolved: messages, and their bytes. */
  readonly pending: number;
  readonly bytes: number;
  /** Waiting for room. */
  readonly waiting: number;
  /** The oldest of all that came and did not leave. */
  readonly oldest: Pending | undefined;
  /** True when it is accepted, false when it waits for room. */
  enter(item: Pending): boolean;
  waits(item: Pending): boolean;
  leave(item: Pending): void;
  /** Accepts the next one for whom there is room now. */
  next(): Pending | undefined;
}

export function createAdmission(maxPending: number, maxPendingBytes: number): Admission {
  const ages = new Ages();
  const room = new Line(); // always the newest ones
  let pending = 0;
  let bytes = 0;
  const accept = (item: Pending): boolean => {
    if (pending >= maxPending || (pending > 0 && bytes + item.bytes > maxPendingBytes)) return false;
    pending++;
    bytes += item.bytes;
    return true;
  };
  return {
    get pending() {
      return pending;
    },
    get bytes() {
      return bytes;
    },
    get waiting() {
      return room.count;
    },
    get oldest() {
      return ages.oldest;
    },
    enter(item) {
      ages.push(item);
      if (room.count === 0 && accept(item)) return true;
      room.push(item);
      return false;
    },
    waits: (item) => item.line === room,
    leave(item) {
      ages.remove(item);
      if (item.line === room) return room.remove(item);
      pending--;
      bytes -= item.bytes;
    },
    next() {
      const { first } = room;
      if (first === undefined || !accept(first)) return undefined;
      room.remove(first);
      return first;
    },
  };
}
