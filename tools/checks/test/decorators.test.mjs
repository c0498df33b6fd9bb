import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, run } from '../tool.mjs';

// Applications come out of many compilers: with decorator metadata, without it, minified. All of them must work the same, and
// where TC39 decorators come out instead, the error names the option that was missing.

const RUN_MS = 60_000; // a compiler and the program; the program gives up by itself after 10 s
const folder = join(root, 'tools/checks/.cache/decorators'); // where the packages resolve; ignored by git
const fixture = (name) => join(root, 'tools/checks/types-fixture', name);
const source = (name) => readFileSync(fixture(name), 'utf8');

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
});

const compilers = {
  'TypeScript 7': ['tsc'],
  'TypeScript 6': [process.execPath, join(root, 'tools/checks/node_modules/typescript-6/bin/tsc')],
  'TypeScript 5.9': [process.execPath, join(root, 'tools/checks/node_modules/typescript-5.9/bin/tsc')],
};

/** Compiles a fixture with tsc and gives back the path of the program. */
async function byTsc(compiler, file, name, settings) {
  const outDir = join(folder, name);
  const project = join(folder, `${name}.json`);
  const compilerOptions = { ...settings, noEmit: false, noCheck: true, rootDir: fixture('.'), outDir };
  const base = '../../types-fixture/tsconfig.json';
  writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, include: [], files: [fixture(file)] }));
  const [command, ...args] = compilers[compiler];
  const { code, output } = await run(command, [...args, '-p', project]);
  expect(code, output).toBe(0);
  return join(outDir, file.replace('.ts', '.js'));
}

/** Compiles a fixture with esbuild, as tsx and vite's older versions do, and gives back the path of the program. */
async function byEsbuild(file, name, compilerOptions) {
  const settings = { loader: 'ts', format: 'esm', target: 'es2022', tsconfigRaw: { compilerOptions } };
  const { code } = await transform(source(file), settings);
  const program = join(folder, `${name}.js`);
  writeFileSync(program, code);
  return program;
}

/** What the program printed. */
async function ran(program) {
  const { code, output } = await run(process.execPath, [program]);
  expect(code, output).toBe(0);
  return JSON.parse(output);
}

describe('an application with every decorator works', () => {
  const seen = ['book a at bay 7', 'book b at bay 7', 'ship a attempt 1', 'ship b attempt 1', 'shipped a', 'shipped b'];

  it.each(Object.keys(compilers))('compiled by %s with metadata', { timeout: RUN_MS }, async (compiler) => {
    const program = await byTsc(compiler, 'decorated.ts', `metadata ${compiler}`, { emitDecoratorMetadata: true });
    expect(await ran(program)).toEqual({ metadata: 'emitted', seen });
  });

  it('compiled by TypeScript without metadata', { timeout: RUN_MS }, async () => {
    const program = await byTsc('TypeScript 7', 'decorated.ts', 'no metadata', {});
    expect(await ran(program)).toEqual({ metadata: 'absent', seen });
  });

  it('compiled by esbuild, which has no metadata', { timeout: RUN_MS }, async () => {
    const program = await byEsbuild('decorated.ts', 'esbuild', { experimentalDecorators: true });
    expect(await ran(program)).toEqual({ metadata: 'absent', seen });
  });

  it('bundled and minified, its names gone', { timeout: RUN_MS }, async () => {
    const outfile = join(folder, 'bundle.js');
    const options = { bundle: true, minify: true, platform: 'node', format: 'esm', target: 'es2022', logLevel: 'silent' };
    await build({ ...options, entryPoints: [fixture('decorated.ts')], outfile, tsconfig: fixture('tsconfig.json') });
    expect(await ran(outfile)).toEqual({ metadata: 'absent', seen });
  });
});

describe('where TC39 decorators come out, each decorator names the missing option', () => {
  const names = ['@Consumer', '@Handle', '@InjectProducer', '@Publish'];
  const told = Object.fromEntries(
    names.map((name) => [name, expect.stringMatching(`^TypeError: ${name}: .*"experimentalDecorators": true`)]),
  );

  it.each(Object.keys(compilers))('compiled by %s', { timeout: RUN_MS }, async (compiler) => {
    const program = await byTsc(compiler, 'tc39.ts', `tc39 ${compiler}`, { experimentalDecorators: false });
    expect(await ran(program)).toEqual(told);
  });

  it('compiled by esbuild', async () => {
    expect(await ran(await byEsbuild('tc39.ts', 'tc39 esbuild', {}))).toEqual(told);
  });

  it('and nothing is thrown where they do not', async () => {
    const nothing = Object.fromEntries(names.map((name) => [name, 'nothing']));
    expect(await ran(await byEsbuild('tc39.ts', 'legacy esbuild', { experimentalDecorators: true }))).toEqual(nothing);
  });
});
