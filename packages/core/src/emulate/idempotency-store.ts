import { type Clock, systemClock } from '../transport/clock.js';

/**
 * Remembers which messages were handled. Every call must end within a deadline of the store's own; a call that fails is
 * tried again, so `record` must be idempotent.
 */
export interface IdempotencyStore {
  seen(id: string): Promise<boolean> | boolean;
  record(id: string): Promise<void> | void;
}

/** How much a memory store remembers, and for how long. */
export interface MemoryStoreOptions {
  /** The most ids kept; the oldest goes first. About 200 bytes each. */
  readonly max: number;
  /** How long an id is kept, in ms. */
  readonly ttlMs: number;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** An IdempotencyStore that answers at once. */
export interface MemoryStore {
  seen(id: string): boolean;
  record(id: string): void;
  /** Ids kept now. */
  readonly size: number;
}

/** A store in this process's memory: it knows nothing of other instances and forgets everything at a restart. */
export function memoryStore({ max, ttlMs, clock = systemClock }: MemoryStoreOptions): MemoryStore {
  const until = new Map<string, number>(); // in order of expiry
  const forgetOld = (): void => {
    const now = clock.monotonic();
    for (const [id, expiry] of until) {
      if (expiry > now && until.size <= max) return;
      until.delete(id);
    }
  };
  return {
    get size() {
      return until.size;
    },
    seen: (id) => (until.get(id) ?? Number.NEGATIVE_INFINITY) > clock.monotonic(),
    record(id) {
      until.delete(id);
      until.set(id, clock.monotonic() + ttlMs);
      forgetOld();
    },
  };
}
