import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { textOf } from '../transport/errors.js';
import type { Problem } from './problem.js';
import type { Path } from './source.js';

/** The variables of the process, or what stands for them in a test. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A configuration after its variables were replaced. */
export interface Replaced {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** By path (as JSON): the variables that a text was made of, `${NAME}`. */
  readonly used: ReadonlyMap<string, string>;
}

/**
 * Replaces `${NAME}`, `${NAME:-default}` and `${file:/path}` in every text of a parsed file; `$${` is a literal `${`. A default
 * stands for what is not set or empty, and may hold variables itself. A file's path is meant from `folder`; the line ends at
 * its end are left out. A text with a problem becomes undefined.
 */
export function replaceVariables(value: unknown, variables: Variables, folder: string): Replaced {
  const problems: Problem[] = [];
  const used = new Map<string, string>();
  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? replaceIn(value, path) : value;
    if (Array.isArray(value)) return value.map((entry, index) => walk(entry, [...path, String(index)]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, walk(entry, [...path, key])]));
  };
  const replaceIn = (text: string, path: Path): string | undefined => {
    const names = new Set<string>();
    const before = problems.length;
    const report = (message: string, fix: string): string => {
      problems.push({ path, message, fix });
      return '';
    };
    const replaced = expand(text, {
      names,
      report,
      variable: (name) => lookUp(name, variables),
      file: (name) => resolve(folder, name),
    });
    if (names.size > 0) used.set(JSON.stringify(path), [...names].join(' and '));
    return problems.length > before ? undefined : replaced;
  };
  return { value: walk(value, []), problems, used };
}

interface Text {
  readonly names: Set<string>;
  report(message: string, fix: string): string;
  variable(name: string): string | undefined;
  file(name: string): string;
}

function expand(source: string, text: Text): string {
  let result = '';
  for (let at = 0; ; ) {
    const next = source.indexOf('${', at);
    if (next === -1) return result + source.slice(at);
    if (next > at && source[next - 1] === '$') {
      result += `${source.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = closing(source, next + 2);
    if (end === -1) return text.report('has a ${ without its }', 'Close it, or write $${ for the two characters themselves.');
    result += source.slice(at, next) + evaluate(source.slice(next + 2, end), text);
    at = end + 1;
  }
}

function evaluate(expression: string, text: Text): string {
  const split = expression.indexOf(':-');
  const name = split === -1 ? expression : expression.slice(0, split);
  const otherwise = split === -1 ? undefined : expression.slice(split + 2);
  if (name.startsWith('file:')) return readSecret(name, otherwise, text);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return text.report(
      'has a ${ } that is not the name of a variable',
      'Write ${NAME}, ${NAME:-default} or ${file:/path}; $${ for the two characters themselves.',
    );
  }
  text.names.add(`\${${name}}`);
  const found = text.variable(name);
  if (found !== undefined && (found !== '' || otherwise === undefined)) return found;
  if (otherwise !== undefined) return expand(otherwise, text);
  return text.report(
    `needs the environment variable ${name}, which is not set`,
    `Export ${name}, or give a default: \${${name}:-default}.`,
  );
}

function readSecret(name: string, otherwise: string | undefined, text: Text): string {
  text.names.add(`\${${name}}`);
  const file = text.file(name.slice('file:'.length));
  try {
    return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    if (otherwise !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return expand(otherwise, text);
    return text.report(
      `needs the file ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? textOf(error)})`,
      `Mount it, or give a default: \${${name}:-default}.`,
    );
  }
}

/** The `}` that ends the variable that begins before `from`; defaults may hold variables. */
function closing(source: string, from: number): number {
  let open = 1;
  for (let at = from; at < source.length; at++) {
    if (source.startsWith('${', at)) open++;
    else if (source[at] === '}' && --open === 0) return at;
  }
  return -1;
}

const lookUp = (name: string, variables: Variables): string | undefined =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;
