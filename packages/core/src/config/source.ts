/** Keys from the root of a configuration to one of its values. */
export type Path = readonly string[];

/** Both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where a configuration was read from. */
export interface Source {
  /** As errors show it: relative to the working directory where it lies below it. */
  readonly file: string;
  /** Absolute: relative paths and package names in the configuration are meant from here. */
  readonly folder: string;
  /** Where the key stands, or the nearest key around it; undefined for a file that is code. */
  readonly at: (path: Path) => Place | undefined;
  /** The variables that the text at this path was made of, as `${NAME}`; undefined where it had none. */
  readonly variables: (path: Path) => string | undefined;
}

/** The file that a configuration, or one of its transport definitions, was read from, and where in it. */
export interface Origin {
  readonly source: Source;
  readonly path: Path;
}

const SOURCE = Symbol.for('omnibus:source');

/** Notes on `object` that it is what `source` says at `path`. A copy made by spreading does not carry the note. */
export function markSource<T extends object>(object: T, source: Source, path: Path): T {
  return Object.defineProperty(object, SOURCE, { value: { source, path } satisfies Origin });
}

/** What `markSource` noted; undefined for what was made in code. */
export const originOf = (object: object): Origin | undefined => (object as { readonly [SOURCE]?: Origin })[SOURCE];

/**
 * File and line of a value, for errors: `omnibus.yaml:12`. `path` starts at `object`, which is a configuration or one of its
 * transport definitions. For a key that is not there it is the line of what is around it; for `omnibus.config.ts` the file
 * alone; for a configuration that was not loaded undefined.
 */
export function whereIs(object: object, path: Path = []): string | undefined {
  const origin = originOf(object);
  if (origin === undefined) return undefined;
  const at = origin.source.at([...origin.path, ...path]);
  return at === undefined ? origin.source.file : `${origin.source.file}:${at.line}`;
}
