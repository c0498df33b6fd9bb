/** What became of the messages of one run, by the rule of Jepsen's `total-queue`, and how order per key held. */
export interface Counts {
  /** Sends that were begun. */
  readonly attempted: number;
  /** Sends that resolved: the broker said that it has the message. */
  readonly acknowledged: number;
  /** Acknowledged and handled. */
  readonly ok: number;
  /** Acknowledged and never handled. Valid only if 0. */
  readonly lost: number;
  /** Handled and never attempted. Valid only if 0. */
  readonly unexpected: number;
  /** Handlings beyond the first of their message. */
  readonly duplicated: number;
  /** Not acknowledged, and handled all the same: their outcome had been unknown. */
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
  /** Acknowledged messages that nobody has handled yet. */
  readonly missing: number;
  readonly handled: number;
  readonly acknowledged: number;
  counts(): Counts;
}

/** Opens empty books. */
export function books(): Books {
  const attempted = new Set<string>();
  const acknowledged = new Set<string>();
  const handled = new Map<string, number>();
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
    get missing() {
      return missing;
    },
    get handled() {
      return handled.size;
    },
    get acknowledged() {
      return acknowledged.size;
    },
    counts() {
      const ids = [...handled.keys()];
      const all = [...handled.values()].reduce((sum, times) => sum + times, 0);
      return {
        attempted: attempted.size,
        acknowledged: acknowledged.size,
        ok: ids.filter((id) => acknowledged.has(id)).length,
        lost: missing,
        unexpected: ids.filter((id) => !attempted.has(id)).length,
        duplicated: all - ids.length,
        recovered: ids.filter((id) => attempted.has(id) && !acknowledged.has(id)).length,
        reordered,
      };
    },
  };
}
