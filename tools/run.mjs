// The way in: `npm start`, `npm test`, … on a machine that has nothing but Node 20 and npm. Plain JavaScript, no dependency.
// Installs when the lockfile changed, builds what changed, then runs the task on the Node that the workspace brings along.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const NODE = [22, 18]; // the oldest Node that every tool and package here runs on

/** What each command runs once everything is built. `pnpm run` finds scripts that a package may not have yet. */
const tasks = {
  build: [],
  start: ['node', '--enable-source-maps', at('examples/order-flow/dist/main.js')],
  test: [at('node_modules/.bin/vitest'), 'run'],
  check: ['node', at('tools/check.mjs')],
  bench: ['node', '--enable-source-maps', at('tools/bench/dist/main.js')],
  faults: script('packages/conformance', 'faults'),
  conformance: script('packages/conformance', 'conformance'),
};

const [name, ...args] = process.argv.slice(2);
const task = tasks[name];
if (!(name in tasks)) fail(`usage: node tools/run.mjs <${Object.keys(tasks).join(' | ')}> [arguments]`);

install();
const env = { ...process.env, PATH: [dirname(node()), at('node_modules/.bin'), process.env.PATH].join(delimiter), TURBO_TELEMETRY_DISABLED: '1' };
step('build', [at('node_modules/.bin/turbo'), 'run', 'build', '--output-logs=errors-only', '--log-prefix=none'], env);
if (task === undefined) fail(`${name}: packages/conformance has no script '${name}' yet`);
if (name !== 'build') run(task, args, env);

/** Runs the pinned pnpm when the lockfile or a manifest changed since the last install. */
function install() {
  const stamp = at('node_modules', '.omnibus-install');
  const wanted = createHash('sha256');
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) wanted.update(readFileSync(at(file)));
  const hash = wanted.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  const offline = ['--prefer-offline', '--frozen-lockfile', '--reporter=append-only'];
  const local = at('node_modules/.bin/pnpm');
  const version = manifest.devDependencies.pnpm;
  const pnpm = installed(version) ? [local] : ['npx', '--yes', `pnpm@${version}`];
  step('install', [...pnpm, 'install', ...offline], process.env);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function installed(version) {
  const file = at('node_modules/pnpm/package.json');
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
}

function manifests() {
  const folders = ['packages', 'tools', 'examples'].flatMap((group) => readdirSync(at(group)).map((entry) => `${group}/${entry}/package.json`));
  return folders.filter((file) => existsSync(at(file))).sort();
}

/** The bundled Node where its platform has one, else this very Node if it is new enough. */
function node() {
  const bundled = at('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return process.execPath;
  return fail(`no bundled Node for ${process.platform}-${process.arch}: run this with Node ${NODE.join('.')} or newer (this is ${process.version})`);
}

function script(folder, name) {
  const command = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8')).scripts?.[name];
  return command === undefined ? undefined : [at('node_modules/.bin/pnpm'), '--silent', '--dir', at(folder), 'run', name];
}

/** One quiet step of the set-up: a line when it took time, all of its output when it failed. */
function step(title, [command, ...rest], env) {
  const began = Date.now();
  const { status, error, stdout, stderr } = spawnSync(command, rest, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] });
  const ms = Date.now() - began;
  if (error || status !== 0) fail(`${stdout ?? ''}${stderr ?? ''}${title} failed${error ? `: ${error.message}` : ''}`, status ?? 1);
  if (ms > 500) process.stderr.write(`${title} (${(ms / 1000).toFixed(1)} s)\n`);
}

/** Hands over to the task: same terminal, signals passed on, its exit code becomes ours. */
function run([command, ...rest], args, env) {
  const child = spawn(command, [...rest, ...args], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${name}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
