/** How much a run measures. */
export interface Size {
  /** Alternating windows of each side; the median counts. */
  readonly windows: number;
  /** Multiplies the messages of every window. */
  readonly scale: number;
}

/** A broker that benches need; each exists once, for all of them. */
export type Needed = 'rabbitmq' | 'kafka';

/** What a bench is given: the size, and the broker that it needs. */
export interface Surroundings extends Readonly<Partial<Record<Needed, { readonly url: string }>>> {
  readonly size: Size;
}

/** One figure with its explanation, and the target that it is held against. */
export interface Figure {
  readonly what: string;
  /** With its unit. */
  readonly value: string;
  /** Undefined where it is told for information only. */
  readonly target?: { readonly said: string; readonly reached: boolean };
}

/** One comparison, or one measurement of our own. */
export interface Bench {
  /** `memory json`: its first word is the transport. */
  readonly name: string;
  readonly needs?: Needed;
  /** Leaves nothing behind: no connection, no queue, no timer. */
  run(around: Surroundings): Promise<readonly Figure[]>;
}
