import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { files, root } from './tool.mjs';

const FILE = 'packages/core/schema/omnibus.schema.json';

/** The JSON Schema of a configuration file, with the options of every transport that the repository has, from what was built. */
async function schema() {
  const { configSchema } = await import(join(root, 'packages/core/dist/config/json-schema.js'));
  const adapters = (await files('packages/*/src/options.ts')).map((file) => file.split('/')[1]).sort();
  const modules = await Promise.all(adapters.map((name) => import(join(root, `packages/${name}/dist/index.js`))));
  return configSchema(adapters.map((name, index) => modules[index][name]));
}

/** The published JSON Schema is that of the code. */
export async function published() {
  const same = JSON.stringify(JSON.parse(readFileSync(join(root, FILE), 'utf8'))) === JSON.stringify(await schema());
  return same ? [] : [`${FILE} is out of date: node tools/checks/schema.mjs && npm run fix`];
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, FILE), `${JSON.stringify(await schema(), null, 2)}\n`);
