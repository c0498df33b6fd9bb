import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { files, root } from './tool.mjs';

const SHARED = ['bin', 'etc', 'home', 'opt', 'tmp', 'usr', 'Users', 'var']; // first folders that say nothing about this machine

/** No path of somebody's home, nor of the folder that this checkout lies in, belongs into the tree. */
export async function paths() {
  const top = root.split('/')[1];
  const own = [homedir().slice(1), 'root', 'home/[\\w.-]+', 'Users/[\\w.-]+', ...(SHARED.includes(top) ? [] : [top])];
  const path = new RegExp(`(?:^|[^\\w./-])/(?:${own.join('|')})/`);
  const findings = [];
  for (const file of await files('**')) {
    if (file === 'pnpm-lock.yaml') continue;
    const text = readFileSync(join(root, file), 'utf8');
    if (text.includes('\0')) continue; // not text
    text.split('\n').forEach((line, index) => {
      if (path.test(line)) findings.push(`${file}:${index + 1}: ${line.trim()}`);
    });
  }
  return findings;
}
