// `npm run faults`: the full form of the faults on every transport that this machine can run, and writes docs/faults.md. With
// arguments (`npm run faults -- -t 'F5:'`) it is a partial run, and writes nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderFaults } from '@omnibus/conformance';

const root = join(import.meta.dirname, '../..');
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'omnibus-faults-'));
try {
  const env = { ...process.env, OMNIBUS_FAULTS: 'full', OMNIBUS_FAULTS_FOLDER: folder };
  const { status } = spawnSync('vitest', ['run', 'test/faults', ...args], { cwd: root, env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  const files = readdirSync(folder);
  if (status === 0 && args.length === 0 && files.length > 0) write(files);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function write(files) {
  const reports = files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(join(root, 'docs/faults.md'), renderFaults(reports));
  process.stdout.write('wrote docs/faults.md\n');
}
