import type { ChannelKind, Feature } from '@omnibus/core/transport';
import type { World } from './world/world.js';

/** One check, as a story that every transport has to live through. It speaks to services by their public API only. */
export interface Scenario {
  /** Its number in the ledger. */
  readonly check: number;
  /** A sentence that is true when it passes. */
  readonly title: string;
  /**
   * The demand that it is about: what the plan rules on it is the state of its cell. Where the plan refuses it, the refusal is
   * what is proven: the service does not start, before any connection, and the error names who needs what of which transport.
   */
  readonly feature?: Feature;
  /** Other demands that it makes: where the plan refuses one of them, that refusal is the proof. */
  readonly needs?: readonly Feature[];
  /** Every transport must have the feature, natively or emulated: a refusal fails the check. */
  readonly mandatory?: true;
  /** The kind of channel that it takes, where that is not a queue. A transport that does not carry it must refuse it. */
  readonly kind?: ChannelKind;
  /** It does to the broker what others would notice: nothing else runs beside it. */
  readonly alone?: true;
  run(world: World): Promise<void>;
}

/** A check without a scenario. It stands in the ledger all the same. */
export interface Absent {
  readonly check: number;
  readonly title: string;
  readonly absent: 'not built' | 'not planned';
  readonly why: string | undefined;
}

/** A line of the table of checks. */
export type Entry = Scenario | Absent;

/** A check that somebody still has to write. */
export const notBuilt = (check: number, title: string, why?: string): Absent => ({ check, title, absent: 'not built', why });

/** A check that nobody will write. */
export const notPlanned = (check: number, title: string, why: string): Absent => ({ check, title, absent: 'not planned', why });

/** Tells a scenario from a line without one. */
export const isScenario = (entry: Entry): entry is Scenario => 'run' in entry;
