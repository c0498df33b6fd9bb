import type { Report, State } from './result.js';
import { checks } from './table.js';

/** Parts of the table, by the number of their first check. */
const PARTS: readonly (readonly [from: number, title: string])[] = [
  [1, 'Core'],
  [15, 'Subscribing'],
  [26, 'Acknowledging'],
  [36, 'Failures'],
  [46, 'Order'],
  [51, 'Time'],
  [57, 'Other capabilities'],
  [63, 'Flow'],
  [68, 'Lifecycle'],
  [77, 'Observability'],
  [82, 'Topology'],
  [86, 'Portability'],
];

const MEANINGS: Readonly<Record<State, string>> = {
  native: 'it holds, and nothing that the check is about had to be emulated',
  emulated: 'the core does it where the broker does not; the notes say how',
  refused: 'a service that needs it does not start, and is told who needs what of which transport',
  'not proven': 'the run had not what it takes to prove it; the notes say what',
  fails: 'known to be wrong; the notes say why',
  'not built': 'there is no scenario yet',
  'not planned': 'there will be none; the notes say why',
};

/** Behind what only an emulator has proved. A refusal needs no broker, so it is proved all the same. */
const MARK = ' ᵉ';
const PROVED_BY_BROKER: ReadonlySet<State> = new Set<State>(['native', 'emulated']);

/** The ledger as Markdown: each check on each transport. The same reports give the same text. */
export function renderLedger(reports: readonly Report[]): string {
  const columns = reports.toSorted((one, other) => (one.transport < other.transport ? -1 : 1));
  return [
    '# Conformance',
    '',
    'Every transport passes the same suite, [`@omnibus/conformance`](../packages/conformance/README.md), on a real broker, or on an',
    'emulator of one, which is marked. This page is written by `npm run conformance` and says what that run proved; nothing in it',
    'comes from what a transport says of itself.',
    '',
    ...Object.entries(MEANINGS).map(([state, meaning]) => `- **${state}**: ${meaning}`),
    ...legend(columns),
    '',
    '## Runs',
    '',
    ...summary(columns),
    ...PARTS.flatMap(([from, title], index) => part(title, from, PARTS[index + 1]?.[0] ?? Number.POSITIVE_INFINITY, columns)),
    ...columns.flatMap(notes),
    '',
  ].join('\n');
}

function legend(columns: readonly Report[]): string[] {
  const marked = columns.filter(({ emulator }) => emulator !== undefined).map(({ transport }) => transport);
  if (marked.length === 0) return [];
  return [
    `- **${MARK.trim()}**: proved on an emulator only (${marked.join(', ')}): the broker itself was not asked; the notes say how they differ`,
  ];
}

function summary(columns: readonly Report[]): string[] {
  const states = Object.keys(MEANINGS) as State[];
  const rows = columns.map((column) => row(column, states));
  return table(['transport', 'run on', ...states], rows);
}

function row(column: Report, states: readonly State[]): string[] {
  const { transport, broker, notRun, results } = column;
  const counts = states.map((state) => String(results.filter((each) => each.state === state).length));
  return [transport, notRun === undefined ? `${broker}${markOf(column)}` : 'not run', ...counts];
}

const markOf = ({ emulator }: Report): string => (emulator === undefined ? '' : MARK);

function part(title: string, from: number, end: number, columns: readonly Report[]): string[] {
  const rows = checks
    .filter(({ check }) => check >= from && check < end)
    .map((entry) => [String(entry.check), entry.title, ...columns.map((column) => cell(column, entry.check))]);
  return ['', `## ${title}`, '', ...table(['', 'check', ...columns.map(({ transport }) => transport)], rows)];
}

function cell(column: Report, check: number): string {
  const state = column.results.find((each) => each.check === check)?.state;
  if (state === undefined) return 'not run';
  if (state === 'fails') return `**${state}**`;
  return PROVED_BY_BROKER.has(state) ? state + markOf(column) : state;
}

/** What there is to say about a column, each sentence once, with the checks that it is about. */
function notes({ transport, broker, emulator, notRun, results }: Report): string[] {
  const bySentence = new Map<string, string[]>();
  for (const { check, state, notes: sentences } of results)
    for (const sentence of sentences) {
      const key = `${state}: ${sentence}`;
      bySentence.set(key, [...(bySentence.get(key) ?? []), String(check)]);
    }
  const lines = [...bySentence].map(([sentence, about]) => `- ${about.join(', ')} ${sentence}`);
  const worth = emulator === undefined ? [] : ['', `**Proved on an emulator only**: ${emulator}`];
  const run = notRun === undefined ? `Run on ${broker}.` : `Not run: ${notRun}`;
  return ['', `## Notes on ${transport}`, '', run, ...worth, '', ...lines];
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`);
