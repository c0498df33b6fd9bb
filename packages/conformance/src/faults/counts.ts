/** What became of the messages of one run, by the rule of Jepsen's `total-queue`, and how order per key held. */
export interface Counts {
  /** Sends that were begun. */
  readonly attempted: number;
  /** Sends that resolved: the broker said that it has the message. */
  readonly acknowledged: number;
  /** Acknowledged and handled. */
  readonly ok: number;
  /** Acknowledged, never handled, and found in the dead-letter channel. */
  readonly dead: number;
  /** Acknowledged, and neither handled nor dead. Valid only if 0. */
  readonly lost: number;
  /** Handled or dead, and never attempted. Valid only if 0. */
  readonly unexpected: number;
  /** Handlings beyond the first of their message. */
  readonly duplicated: number;
  /** Not acknowledged, and handled or dead all the same: their outcome had been unknown. */
  readonly recovered: number;
  /** First handlings that came after one of a later message of the same key. */
  readonly reordered: number;
}

/** One message of a run: the n-th of its key. */
export interface Sample {
  readonly id: string;
  readonly key: string;
  readonly n: number;
}

/** Keeps the books of one run. */
export interface Books {
  attempt(sample: Sample): void;
  acknowledge(id: string): void;
  handle(sample: Sample): void;
  /** It stands in the dead-letter channel. */
  bury(id: string): void;
  /** Acknowledged messages that nobody has handled yet, dead or not. */
  readonly missing: number;
  readonly acknowledged: number;
  counts(): Counts;
}

/** Opens empty books. */
export function books(): Books {
  const attempted = new Set<string>();
  const acknowledged = new Set<string>();
  const handled = new Map<string, number>();
  const dead = new Set<string>();
  const latest = new Map<string, number>();
  let missing = 0;
  let reordered = 0;
  return {
    attempt({ id }) {
      attempted.add(id);
    },
    acknowledge(id) {
      if (acknowledged.has(id)) return;
      acknowledged.add(id);
      if (!handled.has(id)) missing++;
    },
    handle({ id, key, n }) {
      const times = handled.get(id) ?? 0;
      handled.set(id, times + 1);
      if (times > 0) return;
      if (acknowledged.has(id)) missing--;
      const last = latest.get(key) ?? -1;
      if (n < last) reordered++;
      else latest.set(key, n);
    },
    bury(id) {
      dead.add(id);
    },
    get missing() {
      return missing;
    },
    get acknowledged() {
      return acknowledged.size;
    },
    counts() {
      const seen = [...new Set([...handled.keys(), ...dead])];
      const all = [...handled.values()].reduce((sum, times) => sum + times, 0);
      const ids = [...acknowledged];
      return {
        attempted: attempted.size,
        acknowledged: acknowledged.size,
        ok: ids.filter((id) => handled.has(id)).length,
        dead: ids.filter((id) => dead.has(id) && !handled.has(id)).length,
        lost: ids.filter((id) => !dead.has(id) && !handled.has(id)).length,
        unexpected: seen.filter((id) => !attempted.has(id)).length,
        duplicated: all - handled.size,
        recovered: seen.filter((id) => attempted.has(id) && !acknowledged.has(id)).length,
        reordered,
      };
    },
  };
}

/** The counters of two runs as one. */
export const together = (one: Counts, other: Counts): Counts =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, value + other[name as keyof Counts]]),
  ) as unknown as Counts;
