import { MessagingError } from '../transport/errors.js';
import type { Path, Place, Source } from './source.js';

/** One thing that is wrong with a configuration. Never holds the value of a secret. */
export interface Problem {
  readonly path: Path;
  /** Goes on from the path: `is not a known key`. No full stop. */
  readonly message: string;
  /** What to do about it: one sentence. */
  readonly fix: string;
  /** Where it stands, if that is not where the path leads. */
  readonly place?: Place | undefined;
}

/** All problems as one CONFIG error, in the order of the file, each with its line and column. */
export function configError(problems: readonly Problem[], source?: Source): MessagingError {
  const placed = problems.map((problem) => ({ problem, at: problem.place ?? source?.at(problem.path) }));
  placed.sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
  const lines = placed.map(({ problem: { path, message, fix }, at }) => {
    const where = source === undefined ? '' : `${source.file}${at === undefined ? '' : `:${at.line}:${at.column}`}: `;
    return `${where}${pathText(path)} ${message}. ${fix}`;
  });
  if (lines.length === 1) return new MessagingError('CONFIG', lines[0]!);
  return new MessagingError(
    'CONFIG',
    `${source?.file ?? 'The configuration'} has ${lines.length} problems:\n${lines.map((line) => `- ${line}`).join('\n')}`,
  );
}

/** A path as people write it: `channels.orders.address`, `channels["orders.eu"].address`, `emulate[1]`. */
export function pathText(path: Path): string {
  if (path.length === 0) return 'the configuration';
  const part = (key: string): string =>
    /^\d+$/.test(key) ? `[${key}]` : /^[^\s."'[\]]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return path.map(part).join('').replace(/^\./, '');
}

/** `Did you mean "x"?`, or what else helps. */
export const didYouMean = (suggestion: string | undefined, otherwise: string): string =>
  suggestion === undefined ? otherwise : `Did you mean "${suggestion}"?`;

/** `"a", "b", "c"` */
export const quoted = (words: Iterable<string>): string => [...words].map((word) => `"${word}"`).join(', ');
