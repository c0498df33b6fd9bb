// `npm run check`: every check runs, each prints one line `ok <name> (ms)` or what it found. Exit code 1 if any found something.
import { docComments } from './checks/doc-comments.mjs';
import { docs } from './checks/docs.mjs';
import { packed } from './checks/packed.mjs';
import { paths } from './checks/paths.mjs';
import { rooms } from './checks/rooms.mjs';
import { published } from './checks/schema.mjs';
import { tool } from './checks/tool.mjs';

const consumer = (typescript) =>
  tool('node', [`tools/checks/node_modules/${typescript}/bin/tsc`, '-p', 'tools/checks/types-fixture']);

/** In order of speed and of how much the later ones would repeat a finding of the earlier. */
const checks = {
  'format, lint, import cycles, file length': () => tool('biome', ['check', '--error-on-warnings', '--max-diagnostics=200']),
  'lint with types': () => tool('oxlint', ['--format=unix']),
  'types of sources and tests': () => tool('tsc', ['-b']),
  'types for a consumer on TypeScript 7': () => tool('tsc', ['-p', 'tools/checks/types-fixture']),
  'types for a consumer on TypeScript 6': () => consumer('typescript-6'),
  'types for a consumer on TypeScript 5.9': () => consumer('typescript-5.9'),
  'import direction': rooms,
  'doc comments': docComments,
  'configuration schema': published,
  'dead code': () => tool('knip', ['--no-progress']),
  'packed packages': packed,
  'code blocks of the docs': docs,
  'machine paths': paths,
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const began = Date.now();
  const findings = await found(check);
  const ms = Date.now() - began;
  console.log(findings.length === 0 ? `ok ${name} (${ms} ms)` : `\nNOT OK ${name} (${ms} ms)\n${findings.join('\n')}\n`);
  if (findings.length > 0) failed += 1;
}
if (failed > 0) console.log(`${failed} of ${Object.keys(checks).length} checks found something`);
process.exitCode = failed === 0 ? 0 : 1;

/** A check that breaks down is a finding like any other. */
async function found(check) {
  try {
    return await check();
  } catch (error) {
    return [error.stack];
  }
}
