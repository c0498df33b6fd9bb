import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the whole repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Runs a tool in the repository: no findings when it exits with 0, else all it printed. */
export async function tool(command, args, { cwd = root, env = {} } = {}) {
  const { code, output } = await run(command, args, { cwd, env });
  return code === 0 ? [] : [output.trim() || `${command} ended with ${code}`];
}

/** Runs a command to its end and gives back its exit code and all it printed, both streams in order. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

/** Files of the tree, tracked or new but not ignored, that match git's glob patterns; paths relative to the root. */
export async function files(...patterns) {
  const globs = patterns.map((pattern) => `:(glob)${pattern}`);
  const { code, output } = await run('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate', '--', ...globs]);
  if (code !== 0) throw new Error(`git ls-files: ${output}`);
  return output.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}
