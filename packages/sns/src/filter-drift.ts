import { type Branch, type FilterPolicy, ofBranches, TYPE, typePolicy } from './filter-policy.js';

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
export type Widening = 'fits' | 'foreign' | 'everything' | FilterPolicy;

/** It is never narrowed: another version of the service may share the subscription. */
export function widened(found: FoundFilter, wanted: FilterPolicy | undefined, types: readonly string[]): Widening {
  const branches = parse(found.FilterPolicy);
  if (branches === 'everything') return 'fits';
  if (branches === 'foreign') return branches;
  if (wanted === undefined) return 'everything';
  if ((found.FilterPolicyScope ?? 'MessageAttributes') === 'MessageAttributes') return withTypes(branches, types);
  return wanted.scope === 'MessageBody' ? withBranches(branches, branchesOf(wanted.policy)) : 'everything';
}

function withTypes([only]: readonly Branch[], types: readonly string[]): Widening {
  const names = only?.[TYPE]?.filter((each) => typeof each === 'string');
  if (names === undefined || Object.keys(only!).length > 1) return 'foreign';
  const all = [...new Set([...names, ...types])];
  return all.length === names.length ? 'fits' : (typePolicy(all) ?? 'everything');
}

function withBranches(found: readonly Branch[], wanted: readonly Branch[]): Widening {
  const known = new Set(found.map(canonical));
  const more = wanted.filter((branch) => !known.has(canonical(branch)));
  return more.length === 0 ? 'fits' : (ofBranches([...found, ...more]) ?? 'everything');
}

/** Of this transport's making is what lets pass whatever lacks a key. */
function parse(text: string | undefined): readonly Branch[] | 'everything' | 'foreign' {
  if (text === undefined || text === '') return 'everything';
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return 'foreign';
    if (Object.keys(value).length === 0) return 'everything';
    const branches = branchesOf(value as Branch);
    return branches.every((branch) => isObject(branch) && Object.values(branch).every(letsMissingPass)) ? branches : 'foreign';
  } catch {
    return 'foreign';
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const letsMissingPass = (conditions: unknown): boolean =>
  Array.isArray(conditions) && conditions.some((each) => canonical(each) === '{"exists":false}');

function branchesOf(policy: FilterPolicy['policy']): readonly Branch[] {
  const { $or } = policy as { readonly $or?: readonly Branch[] };
  return Array.isArray($or) && Object.keys(policy).length === 1 ? $or : [policy as Branch];
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
