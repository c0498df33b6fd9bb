import { either, type FilterPolicy, isMissing, type Policy, typesOf } from './filter-policy.js';

/** What a subscription says of its filter, as SNS keeps it. */
export interface FoundFilter {
  readonly FilterPolicy?: string | undefined;
  readonly FilterPolicyScope?: string | undefined;
}

/**
 * What the filter of a subscription that stands has to become, so that nothing is missing that this group wants: `fits` where it
 * lets all of it through already, as a wider one does; `foreign` where it is not of this transport's making, and so not its to
 * change; `everything` where no policy says what both want.
 */
export type Widening = 'fits' | 'foreign' | 'everything' | Policy;

/** It is never narrowed: another version of the service may share the subscription. */
export function widened(found: FoundFilter, wanted: FilterPolicy | undefined, types: readonly string[]): Widening {
  const policy = parse(found.FilterPolicy);
  if (typeof policy === 'string') return policy;
  const isByType = (found.FilterPolicyScope ?? 'MessageAttributes') === 'MessageAttributes';
  if (wanted === undefined || (!isByType && wanted.scope === 'MessageAttributes')) return 'everything';
  const own = isByType ? typesOf(types) : wanted.policy;
  return isCovered(own, policy) ? 'fits' : (either([policy, own]) ?? 'everything');
}

/** Whether `found` lets pass all that `wanted` lets pass. */
function isCovered(wanted: Policy, found: Policy): boolean {
  return Object.entries(found).every(([key, conditions]) => {
    const known = new Set(conditions.map(canonical));
    return Object.hasOwn(wanted, key) && wanted[key]!.every((condition) => known.has(canonical(condition)));
  });
}

/** Of this transport's making is what lets pass whatever lacks a key. No policy lets pass everything, and so fits. */
function parse(text: string | undefined): Policy | 'fits' | 'foreign' {
  if (text === undefined || text === '') return 'fits';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'foreign';
    const conditions: readonly unknown[] = Object.values(value);
    if (conditions.length === 0) return 'fits';
    return conditions.every((each) => Array.isArray(each) && each.some(isMissing)) ? (value as Policy) : 'foreign';
  } catch {
    return 'foreign';
  }
}

/** JSON in which order says nothing: keys are sorted, and so are lists, which are alternatives in every policy of AWS. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return isRange(value) ? JSON.stringify(value) : `[${value.map(canonical).toSorted().join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

/** `['>=', 0, '<', 10]` of a numeric condition: the one list whose order matters. */
const isRange = (list: readonly unknown[]): boolean => typeof list[0] === 'string' && /^[<>=]/.test(list[0]);
