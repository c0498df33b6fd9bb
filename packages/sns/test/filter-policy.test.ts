import { channel } from '@omnibus/brokers/seam-objects';
import type { FieldTest, Filter } from '@omnibus/core/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widened } from '../src/filter-drift.js';
import { type FilterPolicy, filterPolicy } from '../src/filter-policy.js';
import { checkPolicy, passes } from './evaluator.js';

type Payload = Parameters<typeof passes>[1];

const Orders = channel('topic', 'orders', { types: ['order.placed', 'order.paid', 'order.cancelled'] });
const policyOf = (types: readonly string[], filter?: Filter): FilterPolicy | undefined =>
  filterPolicy({ channel: Orders, types, filter });

describe('the filter policy of a group', () => {
  it('names the types that it handles, and lets pass what names none', () => {
    expect(policyOf(['order.paid', 'order.cancelled'])).toEqual({
      scope: 'MessageAttributes',
      policy: { 'ce-type': ['order.cancelled', 'order.paid', { exists: false }] },
    });
  });

  it('is none where the group handles all that there is, or reads what it cannot tell apart', () => {
    expect(policyOf(Orders.types)).toBeUndefined();
    expect(policyOf([])).toBeUndefined();
    expect(policyOf(['Ordre passé'])).toBeUndefined();
    expect(policyOf(Array.from({ length: 150 }, (_, index) => `t${index}`))).toBeUndefined();
  });

  it('looks at the body where every type has tests', () => {
    const express: FieldTest = { field: 'express', op: 'eq', value: true };
    expect(policyOf(['order.paid'], { 'order.paid': [express] })).toEqual({
      scope: 'MessageBody',
      policy: { express: [true, { exists: false }] },
    });
    expect(policyOf(['order.paid', 'order.placed'], { 'order.paid': [express] })?.scope).toBe('MessageAttributes');
  });

  it('says of several types what all of them test', () => {
    const both = ['order.paid', 'order.placed'];
    const total = (low: number): FieldTest[] => [
      { field: 'total', op: 'gte', value: low },
      { field: 'total', op: 'lte', value: low + 10 },
    ];
    const country: FieldTest = { field: 'country', op: 'in', value: ['de', 'fr'] };
    expect(policyOf(both, { 'order.paid': total(100), 'order.placed': [...total(50), country] })?.policy).toEqual({
      total: [{ numeric: ['>=', 100, '<=', 110] }, { numeric: ['>=', 50, '<=', 60] }, { exists: false }],
    });
    expect(policyOf(both, { 'order.paid': total(100), 'order.placed': [country] })?.scope).toBe('MessageAttributes');
  });

  it('says a range that has both ends, its ends taken in, and none that is open', () => {
    const tests = (...list: readonly (readonly [FieldTest['op'], number])[]): Filter => ({
      'order.paid': list.map(([op, value]) => ({ field: 'total', op, value })),
    });
    expect(policyOf(['order.paid'], tests(['gt', 100], ['lt', 200]))?.policy).toEqual({
      total: [{ numeric: ['>=', 100, '<=', 200] }, { exists: false }],
    });
    expect(policyOf(['order.paid'], tests(['gte', 100]))?.scope).toBe('MessageAttributes');
    expect(policyOf(['order.paid'], tests(['gte', 100], ['lt', 1e10]))?.scope).toBe('MessageAttributes');
    expect(policyOf(['order.paid'], tests(['eq', 0.123456]))?.scope).toBe('MessageAttributes');
  });

  it('leaves out tests until SNS takes it, and goes back to types where none is left of one', () => {
    const many = Array.from({ length: 7 }, (_, index): FieldTest => ({ field: `f${index}`, op: 'eq', value: 'x' }));
    expect(Object.keys(policyOf(['order.paid'], { 'order.paid': many })!.policy)).toHaveLength(5);
    const wide: FieldTest = { field: 'sku', op: 'in', value: Array.from({ length: 160 }, (_, index) => `s${index}`) };
    expect(policyOf(['order.paid'], { 'order.paid': [wide, many[0]!] })?.policy).toEqual({ f0: ['x', { exists: false }] });
    expect(policyOf(['order.paid'], { 'order.paid': [wide] })?.scope).toBe('MessageAttributes');
  });

  const field = fc.constantFrom('total', 'country', 'express', 'numeric', 'a.b', 'no-such', '$or');
  const text = fc.oneof(fc.constantFrom('', 'de', 'de-by', 'DE', 'é', '100'), fc.string({ maxLength: 3 }));
  const number = fc.oneof(
    fc.constantFrom(0, -0, 99.999999, 100, 100.00001, 100.000001, 200, 1e9, 1e9 + 1, -1e9, 2e12, 1e-7),
    fc.integer({ min: -300, max: 300 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const test: fc.Arbitrary<FieldTest> = fc.oneof(
    fc.record({ field, op: fc.constant('eq' as const), value: fc.oneof(text, number, fc.boolean()) }),
    fc.record({ field, op: fc.constant('in' as const), value: fc.array(fc.oneof(text, number), { maxLength: 4 }) }),
    fc.record({ field, op: fc.constant('prefix' as const), value: text }),
    fc.record({ field, op: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const), value: number }),
  );
  const payload = fc.dictionary(
    field,
    fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 })),
    {
      minKeys: 1, // SNS matches no `exists: false` in an empty object
    },
  );
  const filter = fc.record({
    'order.placed': fc.array(test, { maxLength: 5 }),
    'order.paid': fc.array(test, { maxLength: 5 }),
  });
  const types: fc.Arbitrary<readonly string[]> = fc.constantFrom(
    ['order.placed'],
    ['order.paid'],
    ['order.placed', 'order.paid'],
  );

  it('lets pass whatever the engine lets pass, and is one that SNS takes', () => {
    fc.assert(
      fc.property(types, filter, payload, fc.constantFrom(...Orders.types), (handled, tests, body, type) => {
        const policy = policyOf(handled, tests);
        if (policy === undefined) return;
        checkPolicy(policy.policy);
        const sent = JSON.parse(JSON.stringify(body)) as Payload;
        const wanted = handled.includes(type) && tests[type as keyof typeof tests].every((each) => holds(each, sent));
        const found = policy.scope === 'MessageBody' ? sent : { 'ce-type': type, 'ce-id': 'x' };
        if (wanted) expect(passes(policy.policy, found)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is widened for who wants more, and lets pass what both want', () => {
    fc.assert(
      fc.property(types, filter, types, filter, payload, fc.constantFrom(...Orders.types), (a, testsA, b, testsB, body, type) => {
        const first = policyOf(a, testsA);
        if (first === undefined) return;
        const found = { FilterPolicy: JSON.stringify(first.policy), FilterPolicyScope: first.scope };
        const result = widened(found, policyOf(b, testsB), b);
        expect(result).not.toBe('foreign');
        const policy = result === 'fits' ? first.policy : result;
        if (typeof policy === 'string') return;
        checkPolicy(policy);
        const sent = JSON.parse(JSON.stringify(body)) as Payload;
        const wants = (handled: readonly string[], tests: typeof testsA): boolean =>
          handled.includes(type) && tests[type as keyof typeof tests].every((each) => holds(each, sent));
        const seen = first.scope === 'MessageBody' ? sent : { 'ce-type': type, 'ce-id': 'x' };
        if (wants(a, testsA) || wants(b, testsB)) expect(passes(policy, seen)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the filter policy of a subscription that stands', () => {
  const types = policyOf(['order.paid'])!;
  const found = ({ scope, policy }: FilterPolicy) => ({ FilterPolicyScope: scope, FilterPolicy: JSON.stringify(policy) });

  it('fits where it lets more through, whatever its order', () => {
    expect(widened({}, types, ['order.paid'])).toBe('fits');
    expect(widened({ FilterPolicy: '{}' }, types, ['order.paid'])).toBe('fits');
    const wider = { FilterPolicy: '{"ce-type":[{"exists":false},"x","order.paid"]}' };
    expect(widened(wider, types, ['order.paid'])).toBe('fits');
    expect(
      widened(wider, policyOf(['order.paid'], { 'order.paid': [{ field: 'a', op: 'eq', value: 'b' }] }), ['order.paid']),
    ).toBe('fits');
  });

  it('gets what it lacks', () => {
    expect(widened(found(types), policyOf(['order.placed']), ['order.placed'])).toEqual(
      policyOf(['order.paid', 'order.placed'])?.policy,
    );
    expect(widened(found(types), undefined, Orders.types)).toBe('everything');
  });

  it('is left alone where somebody else wrote it', () => {
    expect(widened({ FilterPolicy: '{"region":["eu"]}' }, types, ['order.paid'])).toBe('foreign');
    expect(widened({ FilterPolicy: '{"ce-type":["order.paid"]}' }, types, ['order.paid'])).toBe('foreign');
    expect(widened({ FilterPolicy: 'nonsense' }, types, ['order.paid'])).toBe('foreign');
  });
});

/** The engine's own filter (`where` of a handler). */
function holds({ field, op, value }: FieldTest, payload: Readonly<Record<string, unknown>>): boolean {
  const found = Object.hasOwn(payload, field) ? payload[field] : undefined;
  const limit = value as number;
  switch (op) {
    case 'eq':
      return found === value;
    case 'in':
      return (value as readonly unknown[]).includes(found);
    case 'prefix':
      return typeof found === 'string' && found.startsWith(value as string);
    default:
      if (typeof found !== 'number') return false;
      return op === 'gt' ? found > limit : op === 'gte' ? found >= limit : op === 'lt' ? found < limit : found <= limit;
  }
}
