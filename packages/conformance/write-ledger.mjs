// `npm run conformance`: runs the suite on every transport that this machine can run, and writes docs/conformance.md. With arguments
// (`npm run conformance -- -t 27`) it is a partial run, and writes nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderLedger } from '@omnibus/conformance';

const root = join(import.meta.dirname, '../..');
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'omnibus-conformance-'));
try {
  const env = { ...process.env, OMNIBUS_CONFORMANCE_FOLDER: folder };
  const { status } = spawnSync('vitest', ['run', 'test/conformance', ...args], { cwd: root, env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (args.length === 0) write(readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8'))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function write(reports) {
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(join(root, 'docs/conformance.md'), renderLedger(reports));
  for (const { transport, broker, notRun } of reports)
    process.stdout.write(notRun === undefined ? `${transport}: ${broker}\n` : `${transport}: not run: ${notRun}\n`);
  process.stdout.write('wrote docs/conformance.md\n');
}
