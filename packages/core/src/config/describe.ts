import type { OptionSpec } from '../transport/options.js';
import { quoted } from './problem.js';

const LONGEST_SHOWN = 60;

/** What a spec asks for: `a whole number of at least 1`, `one of "create", "verify"`. */
export function describe(spec: OptionSpec): string {
  switch (spec.type) {
    case 'string':
      return spec.values !== undefined
        ? oneOf(spec.values)
        : spec.pattern !== undefined
          ? `a text that matches ${spec.pattern}`
          : 'a text';
    case 'number':
      return `a ${spec.whole === true ? 'whole ' : ''}number${range(spec.min, spec.max)}`;
    case 'boolean':
      return 'true or false';
    case 'strings':
      return listOf(spec.values);
    case 'object':
      return `an object with the keys ${Object.keys(spec.fields).join(', ')}`;
    case 'map':
      return 'an object';
    case 'oneOf':
      return spec.alternatives.map(describe).join(', or ');
    case 'any':
      return 'anything';
  }
}

const oneOf = (values: readonly string[]): string => (values.length === 1 ? quoted(values) : `one of ${quoted(values)}`);
const listOf = (values: readonly string[] | undefined): string =>
  values === undefined ? 'a text or a list of texts' : `a list of ${quoted(values)}`;

function range(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return max === undefined ? '' : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

/**
 * A value as an error may show it. A secret is never shown, nor is what came from a variable; of a text with `://` or `@`,
 * which may hold credentials, only the scheme.
 */
export function show(spec: OptionSpec, value: unknown, variables: string | undefined): string {
  if (variables !== undefined) return value === '' ? `empty, as ${variables} is` : `what ${variables} gives`;
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (value === '') return 'empty';
  if (isSecret(spec)) return 'a value that is not shown';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(value)?.[0];
  if (scheme !== undefined) return `a URL (${scheme}://…)`;
  if (/:\/\/|@/.test(value)) return 'a text that may hold credentials and is not shown';
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value);
}

function isSecret(spec: OptionSpec): boolean {
  if (spec.type === 'oneOf') return spec.alternatives.some(isSecret);
  return (spec.type === 'string' || spec.type === 'strings') && spec.secret === true;
}
