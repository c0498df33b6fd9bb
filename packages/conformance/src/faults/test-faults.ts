import type { Fault, FaultHarness, Outcome } from './fault.js';
import { faults } from './index.js';
import { keepReport } from './page.js';

/** How large the runs are, and what hears of their outcome. */
export interface FaultOptions {
  /** Messages of each run. Default 500. */
  readonly volume?: number;
  /** With the long freezes. Default false. */
  readonly full?: boolean;
  /** Longest that one wait of a run may take, in ms. Default 60,000. */
  readonly deadlineMs?: number;
  /** Only these, by their ids; for a transport that has not the means for all. Default all. */
  readonly only?: readonly string[];
  /** Whether what was found is kept for the page; a transport that is broken on purpose has no place there. Default true. */
  readonly kept?: boolean;
  readonly report?: (fault: Fault, outcome: Outcome) => void;
}

/** What a test runner is called with: a name, a test, and the most that it may take in ms. Tests may run at the same time. */
export type FaultIt = (name: string, run: (test: FaultTest) => Promise<void>, timeoutMs: number) => void;

/** What a test runner gives a test. */
interface FaultTest {
  /** Ends the test as skipped: it throws. */
  readonly skip: (reason: string) => never;
}

/**
 * Registers every fault as a test: valid only if nothing is lost, nothing is unexpected, the queue ends empty, and ordered runs keep
 * their order. Those that break a whole broker come first, since they take longest. What was found is kept for the page where
 * OMNIBUS_FAULTS_FOLDER names a folder.
 */
export function testFaults(it: FaultIt, harness: FaultHarness, options: FaultOptions = {}): void {
  const { volume = 500, full = false, deadlineMs = 60_000, only, kept = true, report } = options;
  const wanted = faults.filter(({ id }) => only?.includes(id) ?? true);
  const rank = ({ breaks }: Fault): number => (breaks === 'the broker' ? 0 : 1);
  for (const fault of wanted.toSorted((one, other) => rank(one) - rank(other))) {
    const test = async ({ skip }: FaultTest): Promise<void> => {
      const outcome = await outcomeOf(fault, harness, { volume, full, deadlineMs });
      if (kept) keepReport(harness, fault, outcome);
      if ('notRun' in outcome) return skip(`not run: ${outcome.notRun}`);
      report?.(fault, outcome);
      judge(outcome, { volume, ordered: harness.ordered ?? fault.ordered ?? false });
    };
    it(`${fault.id}: ${fault.title}`, test, 6 * deadlineMs);
  }
}

async function outcomeOf(
  fault: Fault,
  harness: FaultHarness,
  field: { readonly volume: number; readonly full: boolean; readonly deadlineMs: number },
): Promise<Outcome | { readonly notRun: string }> {
  const why = harness.cannot?.[fault.id];
  if (why !== undefined) return { notRun: why };
  if (fault.breaks === 'its own') return fault.run({ ...field, harness, broker: await harness.broker() });
  const own = await harness.ownBroker();
  if ('notRun' in own) return own;
  await using broker = own;
  return await fault.run({ ...field, harness, broker });
}

/** @throws Error that names everything that is wrong */
function judge({ counts, left }: Outcome, { volume, ordered }: { readonly volume: number; readonly ordered: boolean }): void {
  const { attempted, lost, unexpected, reordered } = counts;
  const wrong: readonly (readonly [isWrong: boolean, what: string])[] = [
    [attempted < volume, `only ${attempted} messages of ${volume} were attempted`],
    [lost > 0, `${lost} messages were lost`],
    [unexpected > 0, `${unexpected} messages were unexpected`],
    [left > 0, `${left} messages were left on the queue`],
    [ordered && reordered > 0, `${reordered} messages were reordered`],
  ];
  const found = wrong.filter(([isWrong]) => isWrong).map(([, what]) => what);
  if (found.length > 0) throw new Error(found.join(', '));
}

/** One line of counters, for people. */
export function lineOf({ id }: Fault, { counts, left, recoveryMs, reconnects, notes }: Outcome): string {
  const told = Object.entries(counts).map(([name, value]) => `${name} ${value}`);
  const links = `links opened anew ${reconnects.publisher} + ${reconnects.consumer}`;
  return [id.padEnd(3), ...told, `left ${left}`, `recovery ${recoveryMs} ms`, links, ...notes].join('  ');
}
