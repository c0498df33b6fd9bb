import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack, published } from '../packed.mjs';
import { root, run } from '../tool.mjs';

// What users get, not what lies in this repository: the packed tarballs, a bundle, and CommonJS callers.

const INSTALL_MS = 120_000; // a package manager may have to ask the registry

let folder; // outside of the repository, so that nothing resolves by luck
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'omnibus-published-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a CommonJS caller', () => {
  const require = createRequire(import.meta.url);
  const entries = ['core', 'core/transport', 'core/inversify', 'memory', 'memory/capabilities'];
  entries.push('rabbitmq', 'rabbitmq/capabilities', 'conformance', 'testing');

  it.each(entries.map((entry) => `@omnibus/${entry}`))('requires %s', async (entry) => {
    const { code, output } = await run(process.execPath, ['--eval', `require(${JSON.stringify(require.resolve(entry))})`]);
    expect({ code, output }).toEqual({ code: 0, output: '' });
  });
});

it('runs the example from packed tarballs with nothing hoisted', { timeout: INSTALL_MS }, async () => {
  const names = [...(await published()), '@omnibus/example-order-flow'];
  const tarballs = mkdtempSync(join(folder, 'tarballs-'));
  await pack(names, tarballs);
  const packed = Object.fromEntries(
    names.map((name) => [name, `file:${join(tarballs, `${name.slice(1).replace('/', '-')}-0.1.0.tgz`)}`]),
  );
  const app = mkdtempSync(join(folder, 'app-'));
  const dependencies = { '@omnibus/example-order-flow': packed['@omnibus/example-order-flow'] };
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, dependencies }));
  const settings = { hoist: false, autoInstallPeers: false, strictPeerDependencies: true, overrides: packed };
  writeFileSync(join(app, 'pnpm-workspace.yaml'), JSON.stringify(settings));
  await succeeds('pnpm', ['install', '--prefer-offline'], { cwd: app });
  const main = 'node_modules/@omnibus/example-order-flow/dist/main.js';
  await succeeds(process.execPath, [main], { cwd: app });
});

it('runs the example from a minified bundle', async () => {
  const outfile = join(folder, 'bundle/main.mjs');
  await build({
    entryPoints: [join(root, 'examples/order-flow/dist/main.js')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" }, // for CommonJS clients
    logLevel: 'silent',
  });
  await succeeds(process.execPath, [outfile], { cwd: join(folder, 'bundle') });
});

async function succeeds(command, args, options) {
  const { code, output } = await run(command, args, options);
  expect(code, output).toBe(0);
}
