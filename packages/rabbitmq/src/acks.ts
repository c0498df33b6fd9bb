/** The fewest acks for what was just taken out. */
export interface Split {
  /** One `multiple` ack of this tag covers it and all before it that is still to be acked; 0 = there is none. */
  readonly upTo: number;
  /** Tags that need an ack of their own: something before them is unsettled. */
  readonly singles: readonly number[];
}

/**
 * The delivery tags of one channel that are not settled: as many as its prefetch at most. Tags grow by one with each delivery
 * of a channel and are never used again (AMQP 0-9-1, delivery-tag).
 */
export interface Unsettled {
  /** In the order of the tags. */
  add(tag: number): void;
  has(tag: number): boolean;
  remove(tag: number): void;
  /** How to ack what was just removed: never past what is unsettled. */
  split(removed: readonly number[]): Split;
}

/** Makes the record of a channel that has delivered nothing yet. */
export function unsettled(): Unsettled {
  const open = new Set<number>(); // a Set keeps the order of arrival, so its first element is the lowest tag
  return {
    add: (tag) => void open.add(tag),
    has: (tag) => open.has(tag),
    remove: (tag) => void open.delete(tag),
    split(removed) {
      const { value: lowest = Number.POSITIVE_INFINITY } = open.values().next();
      // what is below the lowest unsettled tag and not among `removed` was acked before: `multiple` passes over it
      let upTo = 0;
      for (const tag of removed) if (tag < lowest && tag > upTo) upTo = tag;
      return { upTo, singles: removed.filter((tag) => tag > lowest) };
    },
  };
}
