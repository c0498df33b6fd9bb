import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { files, root, run, tool } from './tool.mjs';

// Inside the repository and ignored by git.
const folder = join(root, 'tools/checks/.cache/packed');

/** What would be published, as tarballs: their files, exports and types hold for everyone who installs them (ESM only). */
export async function packed() {
  const tarballs = await pack();
  const findings = tarballs.map(async (tarball) => [
    ...(await tool('tools/checks/node_modules/.bin/publint', ['run', tarball, '--strict'])),
    ...(await tool('tools/checks/node_modules/.bin/attw', [
      tarball,
      '--profile',
      'esm-only',
      '--format',
      'ascii',
      '--no-emoji',
      '--quiet',
    ])),
  ]);
  return (await Promise.all(findings)).flat();
}

/** Packs every public package; gives back the tarballs' paths. */
export async function pack() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifests = (await files('packages/*/package.json')).map((file) => join(root, file));
  const names = manifests
    .map((file) => JSON.parse(readFileSync(file, 'utf8')))
    .filter((manifest) => !manifest.private)
    .map((manifest) => manifest.name);
  const filters = names.map((name) => `--filter=${name}`);
  const { code, output } = await run('pnpm', [...filters, '--recursive', 'pack', '--pack-destination', folder]);
  if (code !== 0) throw new Error(`pnpm pack: ${output}`);
  return readdirSync(folder).map((file) => join(folder, file));
}
