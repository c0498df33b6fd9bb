import type { OptionSpec } from '../transport/options.js';
import { describe, show } from './describe.js';
import { nearMiss } from './near-miss.js';
import { didYouMean, type Problem, quoted } from './problem.js';
import type { Path } from './source.js';

type Of<T extends OptionSpec['type']> = Extract<OptionSpec, { readonly type: T }>;

/** What one check found and knows. */
export interface Check {
  readonly problems: Problem[];
  /** Names of the variables that a text was made of: it is shown by them and never by its value. */
  readonly variables?: ((path: Path) => string | undefined) | undefined;
}

/**
 * Checks the values of an object's keys, converts texts to the types that the specs ask for and fills in defaults. Problems
 * are collected, not thrown; the result is frozen and complete only if there are none.
 */
export function checkFields(
  specs: Readonly<Record<string, OptionSpec>>,
  value: object,
  path: Path,
  check: Check,
): Readonly<Record<string, unknown>> {
  const known = Object.keys(specs);
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(specs, key)) continue;
    const fix = didYouMean(
      nearMiss(key, known),
      known.length === 0 ? 'There are none here.' : `Known here: ${known.join(', ')}.`,
    );
    check.problems.push({ path: [...path, key], message: 'is not a known key', fix });
  }
  const result: Record<string, unknown> = {};
  for (const key of known) {
    const found = checkValue(
      specs[key]!,
      Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined,
      [...path, key],
      check,
    );
    if (found !== undefined) result[key] = found;
  }
  return Object.freeze(result);
}

/** Checks and converts one value; undefined where it is absent without a default, or wrong. */
function checkValue(spec: OptionSpec, value: unknown, path: Path, check: Check): unknown {
  if (value === undefined || value === null || (value === '' && spec.required === true)) {
    if (spec.required !== true) return 'default' in spec ? spec.default : undefined;
    check.problems.push({
      path,
      message: value === '' ? `is ${show(spec, value, check.variables?.(path))}` : 'is missing',
      fix: spec.description,
    });
    return undefined;
  }
  switch (spec.type) {
    case 'string':
      return typeof value === 'string' &&
        (spec.values?.includes(value) ?? true) &&
        (spec.pattern === undefined || matches(spec.pattern, value))
        ? value
        : wrong(spec, value, path, check);
    case 'number':
      return numberOf(spec, value) ?? wrong(spec, value, path, check);
    case 'boolean':
      return typeof value === 'boolean'
        ? value
        : value === 'true'
          ? true
          : value === 'false'
            ? false
            : wrong(spec, value, path, check);
    case 'strings':
      return stringsOf(spec, value, path, check);
    case 'object':
      return isRecord(value) ? checkFields(spec.fields, value, path, check) : wrong(spec, value, path, check);
    case 'map':
      return isRecord(value) ? checkMap(spec.of, value, path, check) : wrong(spec, value, path, check);
    case 'oneOf':
      return checkOneOf(spec, value, path, check);
    case 'any':
      return value;
  }
}

/** Without a prototype, so that a channel that is called `constructor` is found exactly if it is there. */
function checkMap(spec: OptionSpec, value: object, path: Path, check: Check): Readonly<Record<string, unknown>> {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of Object.entries(value)) {
    const found = checkValue(spec, entry ?? (spec.type === 'object' ? {} : entry), [...path, key], check);
    if (found !== undefined) result[key] = found;
  }
  return Object.freeze(result);
}

/** The first alternative without a problem; else the problems of the one whose kind fits and that comes nearest. */
function checkOneOf(spec: Extract<OptionSpec, { type: 'oneOf' }>, value: unknown, path: Path, check: Check): unknown {
  let nearest: Problem[] | undefined;
  for (const alternative of spec.alternatives) {
    const problems: Problem[] = [];
    const found = checkValue(alternative, value, path, { problems, variables: check.variables });
    if (problems.length === 0) return found;
    const fits = problems.every((problem) => problem.path.length > path.length);
    if (fits && problems.length < (nearest?.length ?? Number.POSITIVE_INFINITY)) nearest = problems;
  }
  if (nearest === undefined) return wrong(spec, value, path, check);
  check.problems.push(...nearest);
  return undefined;
}

function stringsOf(spec: Of<'strings'>, value: unknown, path: Path, check: Check): readonly string[] | undefined {
  const good = (entry: unknown): boolean => typeof entry === 'string' && (spec.values?.includes(entry) ?? true);
  if (!Array.isArray(value)) return good(value) ? Object.freeze([value as string]) : wrong(spec, value, path, check);
  const { description, values, secret = false } = spec;
  const one: OptionSpec = { type: 'string', description, secret, ...(values === undefined ? {} : { values }) };
  const before = check.problems.length;
  for (const [index, entry] of value.entries()) if (!good(entry)) wrong(one, entry, [...path, String(index)], check);
  return check.problems.length > before ? undefined : Object.freeze([...(value as readonly string[])]);
}

function numberOf(spec: Of<'number'>, value: unknown): number | undefined {
  const written = typeof value === 'string' && /^[+-]?\d+(_\d+)*(\.\d+)?(e[+-]?\d+)?$/i.test(value.trim());
  const number = written ? Number(value.trim().replaceAll('_', '')) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || (spec.whole === true && !Number.isSafeInteger(number)))
    return undefined;
  return number < (spec.min ?? number) || number > (spec.max ?? number) ? undefined : number;
}

function wrong(spec: OptionSpec, value: unknown, path: Path, check: Check): undefined {
  const variables = check.variables?.(path);
  check.problems.push({
    path,
    message: `must be ${describe(spec)}, but is ${show(spec, value, variables)}`,
    fix: fixFor(spec, value, path, variables === undefined),
  });
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function fixFor(spec: OptionSpec, value: unknown, path: Path, mayShow: boolean): string {
  const [, amount, unit] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(value)) || [];
  if (spec.type === 'number' && path.at(-1)?.endsWith('Ms') === true && unit !== undefined && Object.hasOwn(UNITS, unit)) {
    return mayShow
      ? `Durations are numbers of milliseconds: ${Number(amount) * UNITS[unit]!}.`
      : 'Durations are numbers of milliseconds, without a unit.';
  }
  if (spec.type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return 'Put it in quotes.';
  const near = typeof value === 'string' ? nearMiss(value, valuesOf(spec)) : undefined;
  return near === undefined ? spec.description : `Did you mean ${quoted([near])}?`;
}

function valuesOf(spec: OptionSpec): readonly string[] {
  if (spec.type === 'oneOf') return spec.alternatives.flatMap(valuesOf);
  return spec.type === 'string' || spec.type === 'strings' ? (spec.values ?? []) : [];
}

/** `test` of a pattern with the flag g or y would remember where it stopped. */
const matches = (pattern: RegExp, text: string): boolean => text.search(pattern) !== -1;

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
