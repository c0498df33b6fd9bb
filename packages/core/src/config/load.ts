import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessagingError, textOf } from '../transport/errors.js';
import { checkConfig } from './check-config.js';
import { parse } from './parse.js';
import { configError } from './problem.js';
import type { CheckedConfig } from './schema.js';
import type { Source } from './source.js';
import { replaceVariables, type Variables } from './variables.js';

/** Where `loadConfig` looks. */
export interface LoadOptions {
  /** The folder to look in; default: the working directory. */
  readonly from?: string | URL | undefined;
  /** A certain file, absolute or from `from`, of any name that ends in .ts, .js, .mjs, .yaml, .yml or .json. */
  readonly file?: string | undefined;
  /** Stands for the environment; default: `process.env`. */
  readonly env?: Variables | undefined;
}

const NAMES = ['omnibus.config.ts', 'omnibus.config.js', 'omnibus.config.mjs', 'omnibus.yaml', 'omnibus.yml', 'omnibus.json'];

const EXAMPLE = `name: my-service
transports:
  local: { use: memory }
default: local
provision: create`;

/**
 * Reads the configuration: `omnibus.config.ts` (.js, .mjs), `omnibus.yaml` (.yml) or `omnibus.json`. In YAML and JSON,
 * variables are replaced in texts (`${NAME}`, `${NAME:-default}`, `${file:/run/secrets/x}`; `$${` is a literal `${`) and texts
 * converted to the types of their keys. Throws CONFIG: no file, two files, or all problems of the file with line and column.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<CheckedConfig> {
  const from =
    options.from === undefined
      ? process.cwd()
      : resolve(typeof options.from === 'string' ? options.from : fileURLToPath(options.from));
  const file = options.file === undefined ? find(from) : resolve(from, options.file);
  switch (extname(file)) {
    case '.yaml':
    case '.yml':
      return fromText(file, 'YAML', options.env ?? process.env);
    case '.json':
      return fromText(file, 'JSON', options.env ?? process.env);
    case '.ts':
    case '.js':
    case '.mjs':
      return fromCode(file);
    default:
      throw new MessagingError(
        'CONFIG',
        `${shown(file)} is not a configuration: its name must end in .ts, .js, .mjs, .yaml, .yml or .json.`,
      );
  }
}

function find(folder: string): string {
  const [first, second] = NAMES.filter((name) => existsSync(resolve(folder, name)));
  if (first === undefined)
    throw new MessagingError(
      'CONFIG',
      `No configuration in ${folder}: looked for ${NAMES.join(', ')}. An omnibus.yaml to begin with:\n\n${EXAMPLE}\n`,
    );
  if (second !== undefined)
    throw new MessagingError('CONFIG', `Two configurations in ${folder}: ${first} and ${second}. Keep one of them.`);
  return resolve(folder, first);
}

async function fromText(file: string, format: 'YAML' | 'JSON', env: Variables): Promise<CheckedConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new MessagingError('CONFIG', `${shown(file)} cannot be read: ${textOf(error)}.`, { cause: error });
  });
  const parsed = parse(text, format);
  const { value, problems, used } = replaceVariables(parsed.value, env, dirname(file));
  const source: Source = {
    file: shown(file),
    folder: dirname(file),
    at: parsed.at,
    variables: (path) => used.get(JSON.stringify(path)),
  };
  if (parsed.problems.length > 0) throw configError(parsed.problems, source);
  if (!isObject(value))
    throw configError([{ path: [], message: 'is empty or not an object', fix: `To begin with:\n\n${EXAMPLE}\n` }], source);
  const { $schema: _, ...config } = value; // which editors read
  return checkConfig(config, source, problems);
}

async function fromCode(file: string): Promise<CheckedConfig> {
  const source: Source = { file: shown(file), folder: dirname(file), at: () => undefined, variables: () => undefined };
  const module: unknown = await import(/* @vite-ignore */ pathToFileURL(file).href).catch((error: unknown) => {
    throw new MessagingError('CONFIG', `${source.file} cannot be loaded: ${why(error, file)}`, { cause: error });
  });
  const { default: config } = module as { readonly default?: unknown };
  if (!isObject(config))
    throw new MessagingError(
      'CONFIG',
      `${source.file} does not export its configuration. Write: export default defineConfig({ … }).`,
    );
  return checkConfig(config, source);
}

/** What Node says of a TypeScript file that it cannot load, in words that help. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_UNKNOWN_FILE_EXTENSION:
    'this Node does not read TypeScript. Use Node 22.18 or newer, or omnibus.config.js, or omnibus.yaml.',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node only strips types, and this file has TypeScript that needs compiling (enum, namespace, parameter property). Leave it out, or use omnibus.config.js.',
  ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING: 'Node does not read TypeScript below node_modules. Use omnibus.config.js there.',
};

function why(error: unknown, file: string): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return (typeof code === 'string' && file.endsWith('.ts') ? REASONS[code] : undefined) ?? `${textOf(error)}.`;
}

/** From the working directory where the file lies below it, so that terminals and editors make it a link. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
