import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './counts.js';
import type { Fault, Outcome } from './fault.js';
import { faults } from './index.js';

/** What one fault did to one transport. */
export interface FaultReport {
  readonly transport: string;
  /** Broker, version and how it was run. */
  readonly broker: string;
  readonly fault: string;
  readonly outcome: Outcome;
}

/** Keeps what a fault did for the page, where a folder is named by OMNIBUS_FAULTS_FOLDER. */
export function keepOutcome(transport: string, broker: string, { id }: Fault, outcome: Outcome): void {
  const folder = process.env['OMNIBUS_FAULTS_FOLDER'];
  if (folder === undefined || folder === '') return;
  const report: FaultReport = { transport, broker, fault: id, outcome };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${transport}-${id}.json`), JSON.stringify(report, undefined, 2));
}

const COUNTERS: readonly (readonly [name: keyof Counts, meaning: string])[] = [
  ['attempted', 'sends that were begun'],
  ['acknowledged', 'sends that resolved: the broker said that it has the message'],
  ['ok', 'acknowledged and handled'],
  ['dead', 'acknowledged, not handled, and found in the dead-letter channel by their ids'],
  ['lost', 'acknowledged, and neither handled nor dead: **must be 0**'],
  ['unexpected', 'handled or dead, and never sent: **must be 0**'],
  ['duplicated', 'handlings beyond the first of their message: at-least-once, so they are counted and allowed'],
  ['recovered', 'sends that were rejected with an unknown outcome, and had arrived'],
  [
    'reordered',
    'first handlings that came after one of a later message of their key: must be 0 where the channel is ordered (F1, F2, F4, F5)',
  ],
];

/** The page of the faults, as Markdown: what each does, and what it did in the run. The same reports give the same text. */
export function renderFaults(reports: readonly FaultReport[]): string {
  const transports = [...new Set(reports.map(({ transport }) => transport))].toSorted();
  return [
    '# Faults',
    '',
    'Steady publishing and consuming on real brokers while something breaks, counted by the rule of Jepsen’s `total-queue`. This page',
    'is written by `npm run faults` and says what that run counted. A fault passes if nothing is lost, nothing is unexpected, the',
    'queue ends empty after its consumers stopped, and an ordered channel kept the order of every key.',
    '',
    '```',
    'npm run faults               # the full form: 10,000 messages each, freezes of 5, 30 and 120 s; writes this page',
    "npm run faults -- -t 'F5:'   # one of them; writes nothing",
    'npm test                     # the short form, 500 messages each, is part of the tests',
    '```',
    '',
    'Where a broker is missing its faults are not run, and the run says why.',
    '',
    ...COUNTERS.map(([name, meaning]) => `- **${name}**: ${meaning}`),
    '- **recovery**: the longest time in which nothing was handled, in ms, the fault’s own duration included',
    '- **links**: links that were opened anew, the publisher’s + the consumer’s',
    '',
    '## What they do',
    '',
    ...table(
      ['', 'what breaks', 'what holds'],
      faults.map(({ id, does, title }) => [id, does, title]),
    ),
    ...transports.flatMap((transport) =>
      section(
        transport,
        reports.filter((report) => report.transport === transport),
      ),
    ),
    '',
  ].join('\n');
}

function section(transport: string, reports: readonly FaultReport[]): string[] {
  const rows = faults.flatMap(({ id }) => {
    const outcome = reports.find(({ fault }) => fault === id)?.outcome;
    if (outcome === undefined) return [[id, 'not run']];
    const { counts, recoveryMs, reconnects, notes } = outcome;
    const numbers = [...COUNTERS.map(([name]) => counts[name]), recoveryMs].map((value) => value.toLocaleString('en'));
    return [[id, ...numbers, `${reconnects.publisher} + ${reconnects.consumer}`, notes.join('; ')]];
  });
  const head = ['', ...COUNTERS.map(([name]) => name), 'recovery', 'links', 'notes'];
  return ['', `## ${transport}`, '', `Run on ${reports[0]!.broker}.`, '', ...table(head, rows)];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
