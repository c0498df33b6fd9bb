import { equal } from 'node:assert/strict';
import type { Counts } from './counts.js';
import type { Fault, FaultHarness, Outcome } from './fault.js';
import { faults } from './index.js';

/** How large the runs are, and what hears of their outcome. */
export interface FaultOptions {
  /** Messages of each run. Default 1,000. */
  readonly volume?: number;
  /** With the long freezes. Default false. */
  readonly full?: boolean;
  /** Longest that one wait of a run may take, in ms. Default 60,000. */
  readonly deadlineMs?: number;
  readonly report?: (fault: Fault, outcome: Outcome) => void;
}

/** What a test runner is called with: a name, a test, and the most that it may take in ms. */
export type FaultIt = (name: string, run: () => Promise<void>, timeoutMs: number) => void;

/** Registers every fault as a test: valid only if nothing is lost, nothing is unexpected, and ordered runs keep their order. */
export function testFaults(it: FaultIt, harness: FaultHarness, options: FaultOptions = {}): void {
  const { volume = 1_000, full = false, deadlineMs = 60_000, report } = options;
  for (const fault of faults) {
    it(
      `${fault.id}: ${fault.title}`,
      async () => {
        await using broker = await harness.broker();
        const outcome = await fault.run({ harness, broker, volume, full, deadlineMs });
        report?.(fault, outcome);
        const { attempted, lost, unexpected, reordered } = outcome.counts;
        equal(attempted >= volume, true, `${attempted} messages were attempted of ${volume}`);
        equal(lost, 0, `${lost} messages were lost`);
        equal(unexpected, 0, `${unexpected} messages were unexpected`);
        if (fault.ordered === true) equal(reordered, 0, `${reordered} messages were reordered`);
      },
      6 * deadlineMs,
    );
  }
}

/** One line of counters, for people. */
export function lineOf({ id }: Fault, { counts, recoveryMs, notes }: Outcome): string {
  const told = Object.entries(counts satisfies Counts).map(([name, value]) => `${name} ${value}`);
  return `${id.padEnd(3)} ${told.join('  ')}  recovery ${recoveryMs} ms  (${notes.join(', ')})`;
}
