import type { FieldTest, Subscription } from '@omnibus/core/transport';

/*
 * What a group handles, said to SNS so that it does not deliver the rest. Always a superset of what the engine lets through, which
 * judges every message again: what SNS cannot say exactly is left out. SNS's rules: docs.aws.amazon.com/sns/latest/dg,
 * "Filter policy constraints", "Key matching" and "OR operator".
 */

/** One condition on one key; a key's conditions are alternatives. */
export type Condition =
  | string
  | boolean
  | { readonly prefix: string }
  | { readonly numeric: readonly (string | number)[] }
  | { readonly exists: false };

/** Keys that must all match. */
export type Branch = Readonly<Record<string, readonly Condition[]>>;

/** A filter policy and what it looks at: the message's attributes, or its body. */
export type FilterPolicy =
  | { readonly scope: 'MessageAttributes'; readonly policy: Branch }
  | { readonly scope: 'MessageBody'; readonly policy: Branch | { readonly $or: readonly Branch[] } };

/** SNS refuses more keys in one policy. Keys of all branches are counted, as AWS does not say that it counts them once. */
const MOST_KEYS = 5;
/** SNS refuses more: the numbers of conditions of all keys, each times its depth, multiplied. */
const MOST_COMBINATIONS = 150;
/** SNS takes 256 KB. */
const MOST_BYTES = 256 * 1024;

/** The attribute that says a message's type. */
export const TYPE = 'ce-type';

/** A message without the key: the engine decides about it. SNS matches it only where there is any other key. */
const MISSING: Condition = { exists: false };

/**
 * The filter policy of a group; undefined where it is to be given everything. By fields of the body where every type that the
 * group handles has tests, else by type, unless the group handles all types of the channel: then there is nothing to tell apart,
 * and messages of others, who know nothing of `ce-type`, arrive as well.
 */
export function filterPolicy({ channel, types, filter }: Pick<Subscription, 'channel' | 'types' | 'filter'>): FilterPolicy | undefined {
  if (types.length === 0) return undefined; // who reads everything
  const tests = types.map((type) => filter?.[type] ?? []);
  const byBody = bodyPolicy(tests);
  if (byBody !== undefined) return byBody;
  const names = new Set(types);
  if (channel.types.every((type) => names.has(type))) return undefined;
  return typePolicy([...names]);
}

/** By type. The limits leave room for 149 types. */
export function typePolicy(types: readonly string[]): FilterPolicy | undefined {
  if (types.length + 1 > MOST_COMBINATIONS || !types.every(isPlain)) return undefined;
  return fitting({ scope: 'MessageAttributes', policy: { [TYPE]: [...types.toSorted(), MISSING] } });
}

/** Whether SNS compares it as it stands: it has text, and nothing that an attribute could not carry. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

function bodyPolicy(tests: readonly (readonly FieldTest[])[]): FilterPolicy | undefined {
  const branches = within(tests.map(branchOf));
  return branches.some((branch) => Object.keys(branch).length === 0) ? undefined : ofBranches(branches);
}

/** Whichever of these lets a message through, does. */
export function ofBranches(all: readonly Branch[]): FilterPolicy | undefined {
  const branches = [...new Map(all.map((branch) => [JSON.stringify(branch), branch])).values()];
  const [only, ...others] = branches;
  if (only === undefined || !isWithin(branches)) return undefined;
  return fitting({ scope: 'MessageBody', policy: others.length === 0 ? only : { $or: branches } });
}

const fitting = (policy: FilterPolicy): FilterPolicy | undefined =>
  Buffer.byteLength(JSON.stringify(policy.policy)) <= MOST_BYTES ? policy : undefined;

/** Leaves out tests, the widest first, until SNS takes what is left: each left out lets more through. The last one of a type goes last. */
function within(branches: readonly Branch[]): readonly Branch[] {
  let rest = branches;
  while (!isWithin(rest)) {
    const tests = rest.flatMap((branch, index) =>
      Object.entries(branch).map(([key, { length }], _, all) => ({ index, key, length, isLast: all.length === 1 })),
    );
    const [widest] = tests.toSorted((a, b) => Number(a.isLast) - Number(b.isLast) || b.length - a.length);
    if (widest === undefined) return rest;
    rest = rest.map((branch, index) => (index === widest.index ? without(branch, widest.key) : branch));
  }
  return rest;
}

const without = (branch: Branch, key: string): Branch =>
  Object.fromEntries(Object.entries(branch).filter(([name]) => name !== key));

/** What stands in an `$or` is nested: SNS multiplies by the depth as well, and by the branches. */
function isWithin(branches: readonly Branch[]): boolean {
  const counts = branches.flatMap((branch) => Object.values(branch).map(({ length }) => length));
  const [depth, factor] = branches.length === 1 ? [1, 1] : [2, branches.length];
  return counts.length <= MOST_KEYS && counts.reduce((product, count) => product * count * depth, factor) <= MOST_COMBINATIONS;
}

/** SNS compares whole numbers and 5 decimals from -10^9 to 10^9, and matches no other number. */
const isComparable = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= 1e9 && Number(value.toFixed(5)) === value;

/** Fields that are one key of a policy and no word of its language. A dot would be a path. */
const isField = (field: string): boolean =>
  /^[A-Za-z0-9_-]{1,100}$/.test(field) && !OPERATORS.has(field) && field !== '__proto__';
const OPERATORS: ReadonlySet<string> = new Set([
  'anything-but',
  'cidr',
  'equals-ignore-case',
  'exists',
  'numeric',
  'prefix',
  'suffix',
  'wildcard',
]);

/**
 * What can be said of the tests of one type. A field that is missing passes: the reader's schema may fill it in. Two tests of one
 * field cannot both be said, but for the two ends of a range.
 */
function branchOf(tests: readonly FieldTest[]): Branch {
  const fields = [...new Set(tests.map(({ field }) => field))].filter(isField).toSorted();
  const entries = fields.flatMap((field) => {
    const own = tests.filter((test) => test.field === field);
    const conditions = own.map(exactly).find((each) => each !== undefined) ?? range(own);
    return conditions === undefined ? [] : [[field, [...conditions, MISSING]] as const];
  });
  return Object.fromEntries(entries);
}

function exactly({ op, value }: FieldTest): readonly Condition[] | undefined {
  if (op === 'prefix') return typeof value === 'string' && isPlain(value) ? [{ prefix: value }] : undefined;
  if (op !== 'eq' && op !== 'in') return undefined;
  const values = Array.isArray(value) ? (value as readonly (string | number)[]) : [value as string | number | boolean];
  const conditions = values.map(condition);
  return conditions.length > 0 && conditions.every((each) => each !== undefined) ? conditions : undefined;
}

function condition(value: string | number | boolean): Condition | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return isPlain(value) ? value : undefined;
  return isComparable(value) ? { numeric: ['=', value] } : undefined;
}

/**
 * A range with both ends. One that is open at an end would leave out numbers beyond 10^9, which SNS cannot compare. The ends are
 * taken in, as SNS sees 5 decimals only.
 */
function range(tests: readonly FieldTest[]): readonly Condition[] | undefined {
  const low = tests.find(({ op, value }) => (op === 'gt' || op === 'gte') && isComparable(value))?.value;
  const high = tests.find(({ op, value }) => (op === 'lt' || op === 'lte') && isComparable(value))?.value;
  if (low === undefined || high === undefined || low >= high) return undefined;
  return [{ numeric: ['>=', low as number, '<=', high as number] }];
}
