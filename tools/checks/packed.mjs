import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { files, root, run, tool } from './tool.mjs';

/** What would be published, as tarballs: their files, exports and types hold for everyone who installs them (ESM only). */
export async function packed() {
  const folder = mkdtempSync(join(tmpdir(), 'omnibus-packed-'));
  try {
    const tarballs = await pack(await published(), folder);
    return (await Promise.all(tarballs.map(findings))).flat();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The names of all packages that are not private. */
export async function published() {
  const manifests = (await files('packages/*/package.json')).map((file) => JSON.parse(readFileSync(join(root, file), 'utf8')));
  return manifests.filter((manifest) => manifest.private !== true).map((manifest) => manifest.name);
}

/** Packs the named packages into the folder; gives back the tarballs' paths. */
export async function pack(names, folder) {
  const filters = names.map((name) => `--filter=${name}`);
  const { code, output } = await run('pnpm', [...filters, '--recursive', 'pack', '--pack-destination', folder]);
  if (code !== 0) throw new Error(`pnpm pack: ${output}`);
  return readdirSync(folder).map((file) => join(folder, file));
}

async function findings(tarball) {
  const bin = join(root, 'tools/checks/node_modules/.bin');
  const files = tool(join(bin, 'publint'), ['run', tarball, '--strict']);
  const types = tool(join(bin, 'attw'), [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']);
  return [...(await files), ...(await types)];
}
