import type { Harness, NotRun } from './harness.js';
import { prove } from './prove.js';
import { keepReport } from './report-file.js';
import type { Report, Result } from './result.js';
import { isScenario, type Scenario } from './scenario.js';
import { checks } from './table.js';

/** What a test may be given by its runner: vitest's and node:test's context has a `skip`. */
export interface TestContext {
  skip?(note?: string): unknown;
}

/** Declares one test: `it` of vitest, jest, mocha, node:test. Where it has `concurrent`, most scenarios run beside each other. */
export interface It {
  (name: string, run: (context?: TestContext) => Promise<void>, timeoutMs?: number): unknown;
  readonly concurrent?: (name: string, run: (context?: TestContext) => Promise<void>, timeoutMs?: number) => unknown;
}

const DEADLINE_MS = 30_000;
const CLOSING_MS = 30_000; // on top of the scenario's own deadline

/**
 * Declares the whole suite for one transport: one test a check, named by its number and sentence. Nothing is asked of the runner
 * but `it`. What was found is kept for the ledger as `<folder>/<transport>.json` where OMNIBUS_CONFORMANCE_FOLDER names a folder.
 */
export function testTransport(it: It, harness: Harness | NotRun): void {
  if ('notRun' in harness) {
    keepReport({ transport: harness.name, broker: undefined, notRun: harness.notRun, results: [] });
    it(`${harness.name}: not run`, async (context) => void context?.skip?.(harness.notRun));
    return;
  }
  const results = new Map<number, Result>();
  const found = (result: Result): void => {
    results.set(result.check, result);
    keepReport(reportOf(harness, results));
  };
  for (const entry of checks) {
    if (!isScenario(entry)) found({ check: entry.check, state: entry.absent, notes: entry.why === undefined ? [] : [entry.why] });
    else declare(it, harness, entry, found);
  }
}

function declare(it: It, harness: Harness, scenario: Scenario, found: (result: Result) => void): void {
  const { check, title, alone } = scenario;
  const test = alone === true ? it : (it.concurrent ?? it);
  const known = harness.knownFailures?.[check];
  const run = async (context?: TestContext): Promise<void> => {
    found({ check, state: 'fails', notes: ['it fails, or did not end: see the run'] });
    const result = await (known === undefined ? prove(scenario, harness) : disprove(scenario, harness, known));
    found(result);
    if (result.state === 'not proven') context?.skip?.(result.notes.join('; '));
  };
  test(`${check} ${title}`, run, (harness.deadlineMs ?? DEADLINE_MS) + CLOSING_MS);
}

/** Runs a scenario that is known to fail. @throws Error when it passes */
async function disprove(scenario: Scenario, harness: Harness, why: string): Promise<Result> {
  const { check, title } = scenario;
  const failure = await prove(scenario, harness).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (failure === undefined)
    throw new Error(`check ${check} passes on ${harness.name}: take it out of knownFailures, where it says: ${why}`);
  process.stderr.write(`\nKNOWN FAILURE on ${harness.name}: ${check} ${title}\n  ${why}\n  ${failure.message.split('\n')[0]}\n`);
  return { check, state: 'fails', notes: [why] };
}

const reportOf = ({ name, broker, emulator }: Harness, results: ReadonlyMap<number, Result>): Report => ({
  transport: name,
  broker,
  emulator,
  notRun: undefined,
  results: [...results.values()].sort((one, other) => one.check - other.check),
});
