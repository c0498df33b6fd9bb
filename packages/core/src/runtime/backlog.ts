import { keyOrder } from './key-order.js';
import { Line, type Pending } from './pending.js';

/** The messages that were accepted and are not in a call: who may leave now, who waits for a retry or for an older one of its key. */
export interface Backlog {
  /** May leave now, oldest first. */
  readonly ready: Line;
  add(item: Pending): void;
  /** Takes the next batch out of `ready`: at least one message, then as many as fit; keys take turns in it. */
  take(maxCount: number, maxBytes: number): Pending[];
  /** A message of a call comes back unresolved, a call's last message first. `wake` lets it leave when it is due. */
  back(item: Pending): void;
  /** The message is resolved or given up, wherever it is: in here or in a call. */
  drop(item: Pending): void;
  /** Lets those leave whose retry is due; gives the moment of the next one, Infinity = none. */
  wake(now: number): number;
  /** Starts afresh with what comes by `add`. */
  clear(): void;
}

/** `order`: undefined where the channel has none, `one` or `many` messages of a key in one call. */
export function createBacklog(order: 'one' | 'many' | undefined): Backlog {
  const ready = new Line();
  const later = new Line();
  const keys = order === undefined ? undefined : keyOrder();
  const place = (item: Pending | undefined): void => {
    if (item !== undefined) (item.due > 0 ? later : ready).push(item);
  };
  return {
    ready,
    add(item) {
      if (keys === undefined || keys.enter(item)) ready.push(item);
    },
    take(maxCount, maxBytes) {
      const batch: Pending[] = [];
      let left = maxBytes;
      for (let item = ready.first; item !== undefined && batch.length < maxCount; item = ready.first) {
        if (item.bytes > left && batch.length > 0) break;
        ready.remove(item);
        batch.push(item);
        left -= item.bytes;
      }
      if (order !== 'many') return batch;
      // one of each key, then the next of each: a log keeps them as they come, and a reader with one key at hand has work for one handler
      for (let index = 0; index < batch.length && batch.length < maxCount; index++) {
        const next = keys!.follower(batch[index]!, left);
        if (next === undefined) continue;
        batch.push(next);
        left -= next.bytes;
      }
      return batch;
    },
    back: (item) => place(keys === undefined ? item : keys.back(item)),
    drop(item) {
      const next = keys?.leave(item);
      item.line?.remove(item);
      if (next !== undefined) ready.push(next); // even if it failed before: it has waited since
    },
    wake(now) {
      let soonest = Number.POSITIVE_INFINITY;
      for (let item = later.first, behind: Pending | undefined; item !== undefined; item = behind) {
        behind = item.behind;
        if (item.due > now) {
          soonest = Math.min(soonest, item.due);
          continue;
        }
        later.remove(item);
        ready.push(item);
      }
      return soonest;
    },
    clear() {
      ready.clear();
      later.clear();
      keys?.clear();
    },
  };
}
