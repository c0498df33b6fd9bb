import type { Permission } from '../transport/transport.js';
import type { Ruling } from './negotiate.js';

/** What the login of a transport, or of the claim check's store, must be allowed to do for one of its roles. */
export interface PlannedPermission extends Permission {
  /** Its name in the configuration; of a store its own: `s3://bucket/prefix`. */
  readonly transport: string;
}

/** What the application needs, and how each transport will do it: as data, and printed as a table. Made without any broker. */
export interface Plan {
  readonly rulings: readonly Ruling[];
  /** What a user should know of each transport before it runs. */
  readonly caveats: readonly string[];
  /** The least that each login must be allowed, where the broker has rules for it. Empty while anything is refused. */
  readonly permissions: readonly PlannedPermission[];
  toString(): string;
}

export function plan(
  rulings: readonly Ruling[],
  caveats: readonly string[],
  permissions: readonly PlannedPermission[] = [],
): Plan {
  const said = Object.freeze([...new Set(caveats)]);
  return Object.freeze({
    rulings: Object.freeze([...rulings]),
    caveats: said,
    permissions: Object.freeze([...permissions]),
    toString: () => [...table(rulings), ...notes(said, permissions)].join('\n'),
  });
}

function table(rulings: readonly Ruling[]): readonly string[] {
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
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 4 ? cell.padEnd(widths[column] as number) : cell))
      .join('  ')
      .trimEnd(),
  );
}

const notes = (caveats: readonly string[], permissions: readonly PlannedPermission[]): readonly string[] => [
  ...caveats.map((caveat) => `note: ${caveat}`),
  ...permissions.map(({ transport, role, text }) => `permissions of "${transport}" to ${role}: ${text}`),
];
