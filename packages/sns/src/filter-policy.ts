import type { FieldTest, Subscription } from '@omnibus/core/transport';

/*
 * What a group handles, said to SNS so that it does not deliver the rest. Always a superset of what the engine lets through, which
 * judges every message again: what SNS cannot say exactly is left out. SNS's rules: docs.aws.amazon.com/sns/latest/dg,
 * "Filter policy constraints", "Numeric value matching" and "Key matching".
 */

/** One condition on one key; a key's conditions are alternatives. */
export type Condition =
  | string
  | boolean
  | { readonly prefix: string }
  | { readonly numeric: readonly (string | number)[] }
  | { readonly exists: false };

/** A filter policy: keys that must all match, each by one of its conditions. */
export type Policy = Readonly<Record<string, readonly Condition[]>>;

/** A filter policy and what it looks at: the message's attributes, or its body. */
export interface FilterPolicy {
  readonly scope: 'MessageAttributes' | 'MessageBody';
  readonly policy: Policy;
}

/** SNS refuses more keys in one policy. */
const MOST_KEYS = 5;
/** SNS refuses more: the numbers of conditions of all keys, multiplied. */
const MOST_COMBINATIONS = 150;
/** SNS takes 256 KB. */
const MOST_BYTES = 256 * 1024;

/** The attribute that says a message's type. */
const TYPE = 'ce-type';

/** A message without the key: the engine decides about it. SNS matches it only where there is any other key. */
const MISSING: Condition = { exists: false };

/**
 * The filter policy of a group; undefined where it is to be given everything. By fields of the body where every type that the
 * group handles has tests of them, else by type, unless the group handles all types of the channel: then there is nothing to tell
 * apart, and messages of others, who know nothing of `ce-type`, arrive as well.
 */
export function filterPolicy({
  channel,
  types,
  filter,
}: Pick<Subscription, 'channel' | 'types' | 'filter'>): FilterPolicy | undefined {
  if (types.length === 0) return undefined; // who reads everything
  const policy = either(types.map((type) => fieldsOf(filter?.[type] ?? [])));
  if (policy !== undefined) return { scope: 'MessageBody', policy };
  const names = new Set(types);
  const byType = channel.types.every((type) => names.has(type)) ? undefined : either([typesOf([...names])]);
  return byType === undefined ? undefined : { scope: 'MessageAttributes', policy: byType };
}

/** Lets pass these types, and what names none; everything where a name cannot be told to SNS. */
export const typesOf = (types: readonly string[]): Policy =>
  types.every(isPlain) ? { [TYPE]: [...types.toSorted(), MISSING] } : {};

/** Whether SNS compares it as it stands: it has text, and nothing that an attribute could not carry. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

/**
 * Lets pass whatever one of these lets pass: the keys that all of them have, each with the conditions of all. It says no `$or`, in
 * which what one type must have would let pass the others that lack it. Undefined where everything is to pass.
 */
export function either(policies: readonly Policy[]): Policy | undefined {
  const [first = {}, ...others] = policies;
  const keys = Object.keys(first).filter((key) => others.every((other) => Object.hasOwn(other, key)));
  let entries = keys.map((key) => [key, distinct(policies.flatMap((policy) => policy[key] ?? []))] as const);
  // the widest goes first: each that is left out lets more through
  entries = entries.toSorted(([, a], [, b]) => a.length - b.length);
  while (!isWithin(entries)) entries = entries.slice(0, -1);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function distinct(conditions: readonly Condition[]): readonly Condition[] {
  const all = [...new Map(conditions.map((condition) => [JSON.stringify(condition), condition])).values()];
  return all.filter((each) => !isMissing(each)).concat(MISSING);
}

/** Whether a condition lets pass what lacks the key. */
export const isMissing = (condition: unknown): boolean => JSON.stringify(condition) === JSON.stringify(MISSING);

function isWithin(entries: readonly (readonly [string, readonly Condition[]])[]): boolean {
  const combinations = entries.reduce((product, [, { length }]) => product * length, 1);
  const bytes = Buffer.byteLength(JSON.stringify(entries)); // more than the object has
  return entries.length <= MOST_KEYS && combinations <= MOST_COMBINATIONS && bytes <= MOST_BYTES;
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
function fieldsOf(tests: readonly FieldTest[]): Policy {
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
