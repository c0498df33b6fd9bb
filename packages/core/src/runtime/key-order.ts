import { Line, type Pending } from './pending.js';

/** The unresolved messages of one key: the oldest are out (they may leave, or have left), one at least; the rest wait behind them. */
export class Lane {
  readonly waiting = new Line();
  out = 1;
  constructor(readonly key: string) {}
}

/**
 * Keeps order per key on an ordered channel: while a message of a key is unresolved nothing newer of that key may leave,
 * except in the same call. Messages without a key are free.
 */
export interface KeyOrder {
  /** True when it may leave now; else it waits in its lane. */
  enter(item: Pending): boolean;
  /** Takes the next message of the same key, which may share a call with `item`, unless it is larger than `maxBytes`. */
  follower(item: Pending, maxBytes: number): Pending | undefined;
  /** What is asked to leave comes back unresolved, newest first. Gives the one that may leave once all of its key are back. */
  back(item: Pending): Pending | undefined;
  /** It is resolved or given up. Gives the one that may leave in its place. */
  leave(item: Pending): Pending | undefined;
  clear(): void;
}

export function keyOrder(): KeyOrder {
  const lanes = new Map<string, Lane>();
  const next = (lane: Lane): Pending | undefined => {
    if (lane.out > 0) return undefined;
    const first = lane.waiting.first;
    if (first === undefined) lanes.delete(lane.key);
    else take(lane, first);
    return first;
  };
  const take = (lane: Lane, item: Pending): void => {
    lane.waiting.remove(item);
    lane.out++;
  };
  return {
    enter(item) {
      const { key } = item.message;
      if (key === undefined) return true;
      item.lane = lanes.get(key);
      if (item.lane !== undefined) {
        item.lane.waiting.push(item);
        return false;
      }
      item.lane = new Lane(key);
      lanes.set(key, item.lane);
      return true;
    },
    follower({ lane }, maxBytes) {
      const first = lane?.waiting.first;
      if (lane === undefined || first === undefined || first.bytes > maxBytes) return undefined;
      take(lane, first);
      return first;
    },
    back(item) {
      const { lane } = item;
      if (lane === undefined) return item;
      lane.waiting.unshift(item);
      lane.out--;
      return next(lane);
    },
    leave(item) {
      const { lane } = item;
      if (lane === undefined) return undefined;
      item.lane = undefined;
      if (item.line === lane.waiting) {
        lane.waiting.remove(item);
        return undefined;
      }
      lane.out--;
      return next(lane);
    },
    clear: () => lanes.clear(),
  };
}
