import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import type { Problem } from './problem.js';
import type { Path, Place } from './source.js';

/** A parsed file. With problems its value is undefined. */
export interface Parsed {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the key of a path stands, or the nearest key around it. */
  readonly at: (path: Path) => Place | undefined;
}

const FIXES: Readonly<Record<string, string>> = {
  BAD_SCALAR_START: 'Put the value in quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'Indent the keys of one level alike, and put a value that holds a colon and a space in quotes.',
  DUPLICATE_KEY: 'Keep one of the two.',
  MULTIPLE_DOCS: 'One file holds one configuration.',
  TAB_AS_INDENT: 'Indent with spaces.',
};

/** Parses YAML 1.2 or JSON. Problems never quote the file: what stands there may be a secret. */
export function parse(text: string, format: 'YAML' | 'JSON'): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    ...(format === 'JSON' ? { schema: 'json' } : { merge: true }),
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const at = (path: Path): Place | undefined => {
    const offset = offsetOf(document, path);
    return offset === undefined ? undefined : place(offset);
  };
  const problems = unquotedVariables(document, text, place);
  if (problems.length === 0) {
    // the first error makes others that mean nothing, but for keys that stand twice
    const errors = [...document.errors, ...document.warnings].filter(
      (error, index) => index === 0 || error.code === 'DUPLICATE_KEY',
    );
    for (const { code, message, pos } of errors) {
      problems.push({
        path: [],
        message: `is not valid ${format}: ${withoutQuotation(message)}`,
        fix: FIXES[code] ?? 'Check brackets, quotes and indentation up to there.',
        place: place(pos[0]),
      });
    }
  }
  if (problems.length > 0) return { value: undefined, problems, at };
  try {
    return { value: document.toJS(), problems, at };
  } catch {
    // what toJS refuses
    return {
      value: undefined,
      problems: [
        {
          path: [],
          message: `is not valid ${format}: an alias without its anchor, or too many aliases`,
          fix: 'Set the &anchor before its *alias.',
        },
      ],
      at,
    };
  }
}

/** `{ url: ${URL} }`: in flow style YAML ends the text at `$` and begins a map, which the parser's own errors do not say. */
function unquotedVariables(document: Document.Parsed, text: string, place: (offset: number) => Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(role, { type, source, range }, ancestors) {
      if (type !== Scalar.PLAIN || source?.endsWith('$') !== true || !range || text[range[1]] !== '{') return;
      const name = /^\{([A-Za-z0-9_]*)/.exec(text.slice(range[1]))?.[1] ?? '';
      const pairs = ancestors.filter((node) => isPair(node));
      const path = (role === 'key' ? pairs.slice(0, -1) : pairs).map(({ key }) => String(isScalar(key) ? key.value : ''));
      problems.push({
        path,
        message: `holds the variable ${name} without quotes inside { } or [ ], where YAML takes its braces for a map`,
        fix: `Put the whole value in quotes: "\${${name}}".`,
        place: place(range[0]),
      });
    },
  });
  return problems;
}

/** Where the key at `path` begins (an entry of a list: where it begins itself), or the nearest one around it. */
function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0];
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

const withoutQuotation = (message: string): string => message.replace(/:? ".*$/s, '');
