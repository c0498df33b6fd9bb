import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { textOf } from '../transport/errors.js';
import { factoryOf, type TransportDefinition, type TransportFactory } from '../transport/transport.js';
import { type Check, checkFields } from './check.js';
import { show } from './describe.js';
import { nearMiss } from './near-miss.js';
import { configError, didYouMean } from './problem.js';
import { originOf } from './source.js';
import { TRANSPORTS } from './spec.js';

/** Where `resolveTransport` looks. */
export interface ResolveOptions {
  /** Factories that are linked in: they come first, and need no package to be found at run time. */
  readonly known?: readonly TransportFactory[] | undefined;
  /** Folder from which packages and relative paths are found; default: the configuration file's, else the working directory. */
  readonly from?: string | undefined;
  /** The definition's key in `transports`, for errors; known by itself where the configuration was loaded from a file. */
  readonly name?: string | undefined;
}

/** What `use` stood for, and the checked options of that definition. */
export interface ResolvedTransport {
  readonly factory: TransportFactory;
  /** Without `use`; converted, defaults filled in, frozen. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Finds the transport that a definition names, and checks its options. `use: rabbitmq` is the known factory of that name, else the one that made
 * the definition, else the named export of the package `@omnibus/rabbitmq`; a name with a slash or a dot is a package or file as it stands, which
 * exports one transport. Throws CONFIG: not installed, unknown, not loadable, or all problems of its options.
 */
export async function resolveTransport(
  definition: TransportDefinition,
  options: ResolveOptions = {},
): Promise<ResolvedTransport> {
  const { use, ...given } = definition;
  const { known = [], name } = options;
  const origin = originOf(definition);
  const path = origin?.path ?? (name === undefined ? [] : ['transports', name]);
  const usePath = [...path, 'use'];
  const found = known.find(({ transport }) => transport === use) ?? factoryOf(definition);
  const factory =
    found ??
    (await load({
      use,
      from: options.from ?? origin?.source.folder ?? process.cwd(),
      known: [...known.map(({ transport }) => transport), ...TRANSPORTS],
      shown: show({ type: 'string', description: '' }, use, origin?.source.variables(usePath)),
      fail: (message, fix) => {
        throw configError([{ path: usePath, message, fix }], origin?.source);
      },
    }));
  const check: Check = { problems: [], variables: origin?.source.variables };
  const checked = checkFields(factory.options, given, path, check);
  if (check.problems.length > 0) throw configError(check.problems, origin?.source);
  return { factory, options: checked };
}

interface Wanted {
  readonly use: string;
  readonly from: string;
  readonly known: readonly string[];
  /** `use` as errors show it. */
  readonly shown: string;
  readonly fail: (message: string, fix: string) => never;
}

async function load(wanted: Wanted): Promise<TransportFactory> {
  const { use, shown, fail } = wanted;
  const asItStands = /[./]/.test(use);
  const name = asItStands ? use : `@omnibus/${use}`;
  const file = locate(name, wanted, asItStands);
  let module: object;
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as object;
  } catch (error) {
    return fail(`is ${shown}, and ${file} cannot be loaded: ${textOf(error)}`, 'Install what it needs, or correct it.');
  }
  const factories = Object.values(module).filter(isTransportFactory);
  const factory = asItStands
    ? factories.length === 1
      ? factories[0]
      : undefined
    : factories.find(({ transport }) => transport === use);
  if (factory !== undefined) return factory;
  return fail(
    `is ${shown}, but ${file} exports ${factories.length === 0 ? 'no transport' : 'other transports, or several'}`,
    'A transport is the named export that defineTransport made.',
  );
}

function locate(name: string, { use, from, known, shown, fail }: Wanted, asItStands: boolean): string {
  try {
    return createRequire(join(from, 'omnibus.yaml')).resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND')
      return fail(`is ${shown}, which cannot be resolved (${code ?? textOf(error)})`, `Looked for from ${from}.`);
  }
  if (asItStands)
    return fail(`is ${shown}, and there is no such package or file`, `Install it, or correct it; looked for from ${from}.`);
  if (TRANSPORTS.includes(use))
    return fail(`is ${shown}, but the package ${name} is not installed`, `Run: npm install ${name} (looked for from ${from}).`);
  const others = `Known are ${[...new Set(known)].join(', ')}; that of another package or file is written with its slash or dot: @acme/nats, ./nats.js.`;
  return fail(`is ${shown}, which is no known transport`, didYouMean(nearMiss(use, known), others));
}

/** By its shape, as it may come from another copy of this package. */
function isTransportFactory(value: unknown): value is TransportFactory {
  if (typeof value !== 'function') return false;
  const { transport, options, create } = value as Partial<TransportFactory>;
  return typeof transport === 'string' && typeof options === 'object' && typeof create === 'function';
}
