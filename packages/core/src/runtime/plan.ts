import type { Ruling } from './negotiate.js';

/** What the application needs, and how each transport will do it: as data, and printed as a table. Made without any broker. */
export interface Plan {
  readonly rulings: readonly Ruling[];
  /** What a user should know of each transport before it runs. */
  readonly caveats: readonly string[];
  toString(): string;
}

export function plan(rulings: readonly Ruling[], caveats: readonly string[]): Plan {
  return Object.freeze({
    rulings: Object.freeze([...rulings]),
    caveats: Object.freeze([...new Set(caveats)]),
    toString: () => table(rulings, [...new Set(caveats)]),
  });
}

function table(rulings: readonly Ruling[], caveats: readonly string[]): string {
  const rows = [
    ['endpoint', 'transport', 'feature', 'ruling', 'how'],
    ...rulings.map(({ endpoint, transport, feature, ruling, how }) => [
      endpoint,
      transport,
      feature,
      ruling === 'emulate' ? 'emulated' : ruling === 'refuse' ? 'REFUSED' : ruling,
      how,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column < 4 ? cell.padEnd(widths[column] as number) : cell))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...caveats.map((caveat) => `note: ${caveat}`)].join('\n');
}
