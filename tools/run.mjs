// The way in: `npm start`, `npm test`, … on a machine that has nothing but Node 20 and npm. Plain JavaScript, no dependency.
// Installs when a manifest or the lockfile changed, builds what changed, then runs the task on the Node that comes with the
// dependencies. Without a network it works as long as the dependencies are there.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = [22, 18]; // the oldest Node that the tools and packages run on, where none is bundled for the platform
const SAME_MS = 1_000; // one Ctrl-C arrives several times, from the terminal and from npm: within this time it is one

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);
const bin = (name) => at('node_modules/.bin', name);
const json = (...path) => JSON.parse(readFileSync(at(...path), 'utf8'));

/** What each command runs once everything is built. */
const tasks = {
  start: ['node', '--enable-source-maps', at('examples/order-flow/dist/main.js')],
  build: undefined,
  test: [bin('vitest'), 'run'],
  check: ['node', at('tools/check.mjs')],
  fix: [bin('biome'), 'check', '--write'],
  bench: ['node', '--enable-source-maps', at('tools/bench/dist/main.js')],
  faults: [bin('pnpm'), '--silent', '--dir', at('packages/conformance'), 'run', 'faults'],
  conformance: [bin('pnpm'), '--silent', '--dir', at('packages/conformance'), 'run', 'conformance'],
};

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(tasks, name)) fail(`usage: node tools/run.mjs <${Object.keys(tasks).join(' | ')}> [arguments]`);

install();
const path = [dirname(node()), at('node_modules/.bin'), process.env.PATH].join(delimiter);
const env = { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1' };
step('build', [bin('turbo'), 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'], env);
if (tasks[name] !== undefined) run([...tasks[name], ...args]);

/** Runs the pinned pnpm, unless what it would read is what it read the last time. */
function install() {
  const stamp = at('node_modules/.omnibus-install');
  const hash = createHash('sha256');
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()])
    hash.update(readFileSync(at(file)));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const version = json('package.json').devDependencies.pnpm;
  const there = existsSync(at('node_modules/pnpm/package.json')) && json('node_modules/pnpm/package.json').version === version;
  const pnpm = there ? [bin('pnpm')] : ['npx', '--yes', `pnpm@${version}`];
  step('install', [...pnpm, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'], process.env);
  writeFileSync(stamp, wanted);
}

/** Every package's manifest, in a fixed order. */
function manifests() {
  const folders = ['examples', 'packages', 'tools'].flatMap((group) =>
    readdirSync(at(group)).map((entry) => `${group}/${entry}`),
  );
  return folders
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(at(file)))
    .sort();
}

/** The bundled Node where the platform has one, else this very Node if it is new enough. */
function node() {
  const bundled = at('node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');
  if (existsSync(bundled)) return bundled;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return process.execPath;
  return fail(
    `no Node is bundled for ${process.platform} ${process.arch}: use Node ${NODE.join('.')} or newer, not ${process.version}`,
  );
}

/** One step of the set-up: a line when it took time, all that it printed when it failed. */
function step(title, [command, ...rest], env) {
  const began = performance.now();
  const { status, error, output } = spawnSync(command, rest, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  if (error !== undefined) fail(`${title}: ${error.message}`);
  if (status !== 0) fail(`${output.join('')}\n${title} failed after ${seconds} s`, status ?? 1);
  if (seconds >= 0.5) process.stderr.write(`${title} (${seconds} s)\n`);
}

/**
 * Hands over to the task: same terminal, its exit code becomes ours. It runs in a process group of its own and gets each signal
 * from here, once, so that an application which drains on the first Ctrl-C and gives up on the second sees one for one.
 */
function run([command, ...rest]) {
  const child = spawn(command, rest, { cwd: root, env, stdio: 'inherit', detached: true });
  let last = Number.NEGATIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (performance.now() - last > SAME_MS) child.kill(signal);
      last = performance.now();
    });
  }
  child.on('error', (error) => fail(`${name}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
