import type { FieldTest } from '../transport/channel.js';

/** A `where` as the list of tests that brokers may understand. */
export function testsOf(where: Readonly<Record<string, unknown>>): readonly FieldTest[] {
  return Object.entries(where).flatMap(([field, condition]): readonly FieldTest[] => {
    if (condition === undefined) return [];
    if (Array.isArray(condition)) return [{ field, op: 'in', value: condition as readonly (string | number)[] }];
    if (typeof condition !== 'object' || condition === null)
      return [{ field, op: 'eq', value: condition as string | number | boolean }];
    return Object.entries(condition).map(([op, value]) => ({
      field,
      op: op as FieldTest['op'],
      value: value as FieldTest['value'],
    }));
  });
}

/** The same as one function of the payload. A field that is missing or of another type passes no test. */
export function predicate(tests: readonly FieldTest[]): (payload: unknown) => boolean {
  const checks = tests.map(({ field, op, value }) => ({ field, holds: holds(op, value) }));
  return (payload) =>
    typeof payload === 'object' &&
    payload !== null &&
    checks.every(({ field, holds: test }) => test((payload as Record<string, unknown>)[field]));
}

function holds(op: FieldTest['op'], value: FieldTest['value']): (found: unknown) => boolean {
  const limit = value as number;
  switch (op) {
    case 'eq':
      return (found) => found === value;
    case 'in':
      return (found) => (value as readonly unknown[]).includes(found);
    case 'prefix':
      return (found) => typeof found === 'string' && found.startsWith(value as string);
    case 'gt':
      return (found) => typeof found === 'number' && found > limit;
    case 'gte':
      return (found) => typeof found === 'number' && found >= limit;
    case 'lt':
      return (found) => typeof found === 'number' && found < limit;
    case 'lte':
      return (found) => typeof found === 'number' && found <= limit;
  }
}
