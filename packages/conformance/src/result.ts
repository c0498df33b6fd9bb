/**
 * What the ledger says of one check on one transport.
 * - `native`: the broker does it; proven by the run.
 * - `emulated`: the core does it where the broker does not; proven by the run.
 * - `refused`: the service does not start, and the error says who needs what; proven by the run.
 * - `not proven`: the harness lacks what it takes; the note says what.
 * - `fails`: known to fail; the note says why.
 * - `not built`, `not planned`: there is no scenario; the note may say why.
 */
export type State = 'native' | 'emulated' | 'refused' | 'not proven' | 'fails' | 'not built' | 'not planned';

/** The outcome of one check on one transport. */
export interface Result {
  readonly check: number;
  readonly state: State;
  /** How it is emulated, why it is refused or not proven: sentences that are the same in every run. */
  readonly notes: readonly string[];
}

/** All that one run of the suite found. */
export interface Report {
  readonly transport: string;
  /** Broker, version and how it was run; undefined where it was not. */
  readonly broker: string | undefined;
  /** Where that is an emulator of the broker: how its word differs from the broker's own. */
  readonly emulator?: string | undefined;
  /** Why the suite was not run. */
  readonly notRun: string | undefined;
  /** In order of the checks. */
  readonly results: readonly Result[];
}
