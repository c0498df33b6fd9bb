import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Counts } from './counts.js';
import type { Fault, FaultHarness, Outcome } from './fault.js';
import { faults } from './index.js';

/** What one fault did to one transport. */
export interface FaultReport extends Pick<FaultHarness, 'name' | 'runOn' | 'emulator'> {
  readonly fault: string;
  readonly outcome: Outcome | { readonly notRun: string };
}

/** Keeps what a fault did for the page, where a folder is named. */
export function keepReport({ name, runOn, emulator }: FaultHarness, { id }: Fault, outcome: FaultReport['outcome']): void {
  const folder = process.env['OMNIBUS_FAULTS_FOLDER'];
  if (folder === undefined || folder === '') return;
  const report: FaultReport = { name, runOn, ...(emulator === undefined ? {} : { emulator }), fault: id, outcome };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}-${id}.json`), JSON.stringify(report, undefined, 2));
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
  ['reordered', 'first handlings that came after one of a later message of their key: must be 0 where the channel is ordered'],
];

/** The page of the faults, as Markdown: what each does, and what it did in the run. The same reports give the same text. */
export function renderFaults(reports: readonly FaultReport[]): string {
  const names = [...new Set(reports.map(({ name }) => name))].toSorted();
  return [
    '# Faults',
    '',
    'Steady publishing and consuming while something breaks, counted by the rule of Jepsen’s `total-queue`, on real brokers; where',
    'it was an emulator of one, its section says so. This page is written by `npm run faults` and says what that run counted. A',
    'fault passes if nothing is lost, nothing is unexpected, the queue ends empty after its consumers stopped, and an ordered channel',
    'kept the order of every key.',
    '',
    '```',
    'npm run faults               # the full form: 10,000 messages each, freezes of 5, 30 and 120 s; writes this page',
    "npm run faults -- -t 'F5:'   # one of them; writes nothing",
    'npm test                     # the short form, 500 messages each, is part of the tests',
    '```',
    '',
    'Where a broker is missing its faults are not run, and the run says why. A fault that a broker cannot suffer is not run either:',
    'its line says why.',
    '',
    ...COUNTERS.map(([name, meaning]) => `- **${name}**: ${meaning}`),
    '- **recovery**: the longest time in which nothing was handled, in ms, the fault’s own duration included',
    '- **links**: links that were opened anew, the publisher’s + the consumer’s',
    '',
    '## What they do',
    '',
    ...table(
      ['', 'what breaks', 'what holds', 'channel'],
      faults.map(({ id, does, title, ordered }) => [id, does, title, ordered === true ? 'ordered' : '']),
    ),
    ...names.flatMap((name) => section(reports.filter((report) => report.name === name))),
    '',
  ].join('\n');
}

const HEAD = ['', ...COUNTERS.map(([name]) => name), 'recovery', 'links', 'notes'];

function section(reports: readonly FaultReport[]): string[] {
  const { name, runOn, emulator } = reports[0]!;
  const rows = faults.map(({ id }) => row(id, reports.find(({ fault }) => fault === id)?.outcome));
  const worth = emulator === undefined ? [] : ['', `**Proved on an emulator only**: ${emulator}`];
  return ['', `## ${name}`, '', `Run on ${runOn}.`, ...worth, '', ...table(HEAD, rows)];
}

function row(id: string, outcome: FaultReport['outcome'] | undefined): string[] {
  if (outcome === undefined || 'notRun' in outcome) {
    const blank = HEAD.slice(3).map(() => '');
    return [id, 'not run', ...blank, outcome?.notRun ?? ''];
  }
  const { counts, recoveryMs, reconnects, notes } = outcome;
  const numbers = [...COUNTERS.map(([name]) => counts[name]), recoveryMs].map((value) => value.toLocaleString('en'));
  return [id, ...numbers, `${reconnects.publisher} + ${reconnects.consumer}`, notes.join('; ')];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
