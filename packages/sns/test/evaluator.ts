/*
 * SNS's side of a filter policy, as its documentation states it ("Filter policy constraints", "String / Numeric value matching",
 * "Key matching"), on the careful side where it is silent: a number that SNS cannot compare (beyond ±10^9) matches
 * nothing, decimals after the fifth are cut off, and `exists: false` matches only where there is any key at all.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Policy = Readonly<Record<string, readonly Json[]>>;

/** Throws for a policy that SNS refuses. */
export function checkPolicy(policy: object): void {
  const lists = Object.values(policy as Policy);
  if (lists.length === 0) throw new Error('Filter policy can not be empty');
  if (lists.length > 5) throw new Error('Filter policy can not have more than 5 keys');
  if (lists.reduce((product, { length }) => product * length, 1) > 150) throw new Error('Filter policy is too complex');
  for (const condition of lists.flat()) checkCondition(condition);
}

function checkCondition(condition: Json): void {
  if (typeof condition !== 'object' || condition === null) return;
  const [[operator, value], ...more] = Object.entries(condition) as [[string, Json], ...unknown[]];
  if (more.length > 0) throw new Error('Only one key allowed in match expression');
  const isFine =
    operator === 'exists'
      ? typeof value === 'boolean'
      : operator === 'prefix'
        ? typeof value === 'string' && value !== ''
        : operator === 'numeric' && isNumeric(value as readonly Json[]);
  if (!isFine) throw new Error(`Value of ${operator} must be otherwise: ${JSON.stringify(value)}`);
}

function isNumeric(value: readonly Json[]): boolean {
  const numbers = value.filter((each) => typeof each === 'number');
  if (numbers.some((each) => Math.abs(each) > 1e9)) return false;
  if (value.length === 2) return ['=', '<', '<=', '>', '>='].includes(value[0] as string);
  const [from, , to] = value;
  return (
    value.length === 4 && ['>', '>='].includes(from as string) && ['<', '<='].includes(to as string) && numbers[0]! < numbers[1]!
  );
}

/** Whether SNS delivers what has these top-level keys. */
export function passes(policy: object, found: Readonly<Record<string, Json>>): boolean {
  return Object.entries(policy as Policy).every(([key, conditions]) =>
    conditions.some((condition) => matches(condition, key, found)),
  );
}

function matches(condition: Json, key: string, found: Readonly<Record<string, Json>>): boolean {
  const value = Object.hasOwn(found, key) ? found[key]! : undefined;
  if (Array.isArray(value)) return value.some((each: Json) => matches(condition, key, { [key]: each }));
  if (typeof condition !== 'object' || condition === null) return value === condition;
  const [[operator, wanted]] = Object.entries(condition) as [[string, never]];
  if (operator === 'exists') return value === undefined && Object.keys(found).length > 0;
  if (operator === 'prefix') return typeof value === 'string' && value.startsWith(wanted);
  return typeof value === 'number' && Math.abs(value) <= 1e9 && compares(wanted, Math.trunc(value * 1e5) / 1e5);
}

function compares(list: readonly (string | number)[], value: number): boolean {
  for (let at = 0; at < list.length; at += 2) {
    const bound = list[at + 1] as number;
    const holds = { '=': value === bound, '>': value > bound, '>=': value >= bound, '<': value < bound, '<=': value <= bound };
    if (!holds[list[at] as keyof typeof holds]) return false;
  }
  return true;
}
