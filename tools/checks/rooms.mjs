import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript-5.9';
import { files, root } from './tool.mjs';

/** Which room of the core may import which. Imports point one way; whatever is missing here is refused. */
const CORE = {
  'index.ts': ['api', 'config', 'runtime', 'emulate', 'codec', 'transport'],
  'transport.ts': ['codec', 'transport'],
  'inversify.ts': ['inversify'],
  api: ['config', 'runtime', 'emulate', 'codec', 'transport'],
  inversify: ['api'],
  config: ['runtime', 'transport'],
  runtime: ['emulate', 'codec', 'transport'],
  emulate: ['codec', 'transport'],
  codec: ['transport'],
  transport: [],
};

/** Libraries that only one room of the core may know. */
const ONLY_IN = { inversify: ['inversify'], yaml: ['config'] };

/** What the packages beside the core may import of the workspace; all that are not named are adapters. Tests may import all of it. */
const ADAPTER = ['@omnibus/core/transport'];
const PACKAGES = {
  conformance: ['@omnibus/core', '@omnibus/core/transport'],
  s3: ['@omnibus/core'],
  sns: ['@omnibus/core/transport', '@omnibus/sqs', '@omnibus/sqs/capabilities'],
  testing: ['@omnibus/core', '@omnibus/core/transport', '@omnibus/memory', '@omnibus/memory/capabilities'],
};

/** Packages that talk to no broker: any of their files may use any of their dependencies. */
const ANY_LIBRARY = ['conformance', 'testing'];

/** Where an adapter knows its client library, or those that it can be used with; the rest sees them through what `client.ts` exports. */
const CLIENT = ['client.ts', 'clients'];

/** Checks every import of every source against the tables above. */
export async function rooms() {
  const findings = [];
  for (const file of await files('packages/*/*/**/*.ts', 'tools/*/*/**/*.ts', 'examples/*/*/**/*.ts')) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const { fileName: target, pos } of ts.preProcessFile(text, true, true).importedFiles) {
      const why = refusal(file, target);
      if (why !== undefined) findings.push(`${file}:${text.slice(0, pos).split('\n').length}: imports ${target}: ${why}`);
    }
  }
  return findings;
}

function refusal(file, target) {
  const [group, name, part, ...inside] = file.split('/');
  if (target.startsWith('.')) {
    const reached = posix.join(dirname(file), target);
    if (!reached.startsWith(`${group}/${name}/`)) return 'another package is imported by its name, never by its files';
    if (part === 'src' && !reached.startsWith(`${group}/${name}/src/`)) return 'sources import sources only';
    if (group === 'packages' && name === 'core' && part === 'src') return betweenRooms(inside, reached.split('/').slice(3));
    return undefined;
  }
  if (/^@omnibus\/[^/]+\/(src|dist)(\/|$)/.test(target)) return 'a package is imported through its exports';
  if (group !== 'packages' || part !== 'src') return undefined;
  if (name === 'core') return ofCore(inside, target);
  return ofPackage(name, inside, target);
}

function betweenRooms(from, to) {
  const [here, there] = [room(from), room(to)];
  if (here === there) return undefined;
  if (CORE[here] === undefined) return `the room '${here}' is not in the table of tools/checks/rooms.mjs`;
  return CORE[here].includes(there) ? undefined : `'${here}' may import ${list(CORE[here])}`;
}

function ofCore(inside, target) {
  if (target.startsWith('@omnibus/')) return 'the core imports no package of the workspace';
  const only = ONLY_IN[library(target)];
  return only === undefined || only.includes(room(inside)) ? undefined : `only ${list(only)} may know ${library(target)}`;
}

function ofPackage(name, inside, target) {
  const allowed = PACKAGES[name] ?? ADAPTER;
  if (target.startsWith('@omnibus/')) return allowed.includes(target) ? undefined : `${name} may import ${list(allowed)}`;
  if (ANY_LIBRARY.includes(name) || target.startsWith('node:') || CLIENT.includes(inside[0])) return undefined;
  return `an adapter sees its client library through ${CLIENT[0]} only`;
}

const room = (path) => path[0]; // a folder of src, or an entry file beside them
const library = (target) =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
const list = (names) => (names.length === 0 ? 'nothing' : names.join(', '));
