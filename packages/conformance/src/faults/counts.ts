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

/** The first time that a message was handled. */
export interface Handling {
  readonly sample: Sample;
  /** Ms on `clockMs`. */
  readonly at: number;
}

/** Keeps the books of one run. Times are those of `clockMs`, so that several processes may tell them. */
export interface Books {
  attempt(sample: Sample): void;
  acknowledge(id: string, at?: number): void;
  /** A send failed with this code. */
  reject(code: string): void;
  handle(sample: Sample, at?: number): void;
  /** It stands in the dead-letter channel. */
  bury(id: string): void;
  /** Acknowledged messages that nobody has handled yet, dead or not. */
  readonly missing: number;
  readonly acknowledged: number;
  /** How many sends failed, by code. */
  readonly rejected: ReadonlyMap<string, number>;
  /** When each send resolved, by id. */
  readonly acknowledgedAt: ReadonlyMap<string, number>;
  /** The first handlings, in the order in which they were done. */
  handlings(): readonly Handling[];
  counts(): Counts;
}

/** Ms of a clock that only goes forward and is the same for all processes of this machine. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Opens empty books. */
export function books(): Books {
  const attempted = new Set<string>();
  const acknowledged = new Map<string, number>();
  const rejected = new Map<string, number>();
  const first = new Map<string, Handling>();
  const dead = new Set<string>();
  let all = 0;
  let missing = 0;
  const handlings = (): readonly Handling[] => [...first.values()].toSorted((one, other) => one.at - other.at);
  return {
    attempt({ id }) {
      attempted.add(id);
    },
    acknowledge(id, at = clockMs()) {
      if (acknowledged.has(id)) return;
      acknowledged.set(id, at);
      if (!first.has(id)) missing++;
    },
    reject(code) {
      rejected.set(code, (rejected.get(code) ?? 0) + 1);
    },
    handle(sample, at = clockMs()) {
      const { id } = sample;
      const known = first.get(id);
      all++;
      if (known === undefined || at < known.at) first.set(id, { sample, at });
      if (known === undefined && acknowledged.has(id)) missing--;
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
    rejected,
    acknowledgedAt: acknowledged,
    handlings,
    counts() {
      const seen = [...new Set([...first.keys(), ...dead])];
      const ids = [...acknowledged.keys()];
      return {
        attempted: attempted.size,
        acknowledged: acknowledged.size,
        ok: ids.filter((id) => first.has(id)).length,
        dead: ids.filter((id) => dead.has(id) && !first.has(id)).length,
        lost: ids.filter((id) => !dead.has(id) && !first.has(id)).length,
        unexpected: seen.filter((id) => !attempted.has(id)).length,
        duplicated: all - first.size,
        recovered: seen.filter((id) => attempted.has(id) && !acknowledged.has(id)).length,
        reordered: reorderedIn(handlings()),
      };
    },
  };
}

function reorderedIn(handlings: readonly Handling[]): number {
  const latest = new Map<string, number>();
  let reordered = 0;
  for (const { sample } of handlings) {
    if (sample.n < (latest.get(sample.key) ?? -1)) reordered++;
    else latest.set(sample.key, sample.n);
  }
  return reordered;
}

/** The counters of two runs as one. */
export const together = (one: Counts, other: Counts): Counts =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, value + other[name as keyof Counts]]),
  ) as unknown as Counts;
