import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { files, root, run } from './tool.mjs';

// Inside the repository, so that imports resolve as they would for a reader who installed the packages. Ignored by git.
const folder = join(root, 'tools/checks/.cache/docs');

/**
 * Every ```ts block of the pages compiles. A block is a module of its own; ```ts continue goes on with the block before it;
 * ```ts orders.ts is a file that later blocks of the page import from './orders.js'.
 */
export async function docs() {
  rmSync(folder, { recursive: true, force: true });
  const findings = [];
  const origins = new Map(); // the file made → for each of its lines, where it stands on the page
  for (const page of await files(
    'README.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'examples/*/README.md',
    'CONTRIBUTING.md',
  )) {
    for (const { name, lines, first, wrong } of blocks(page)) {
      if (wrong !== undefined) findings.push(`${page}:${first}: ${wrong}`);
      const file = join(page.replaceAll('/', '__'), name);
      const known = origins.get(file) ?? { page, lines: [], at: [] };
      origins.set(file, known);
      lines.forEach((line, index) => {
        known.lines.push(line);
        known.at.push(first + index);
      });
    }
  }
  if (origins.size === 0) return findings;
  for (const [file, { lines }] of origins) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../types-fixture/tsconfig.json', include: ['**/*.ts'] }),
  );
  const { code, output } = await run('tsc', ['-p', folder, '--pretty', 'false']);
  return code === 0
    ? findings
    : [
        ...findings,
        ...output
          .trim()
          .split('\n')
          .map((line) => onThePage(line, origins)),
      ];
}

function blocks(page) {
  const found = [];
  let open;
  readFileSync(join(root, page), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const fence = /^\s*```+\s*(\S*)\s*(.*)$/.exec(line);
      if (open !== undefined) {
        if (fence !== null && fence[1] === '') open = undefined;
        else open.lines.push(line);
        return;
      }
      if (fence === null) return;
      open = { language: fence[1], lines: [], first: index + 2, ...target(fence[2].trim(), found) };
      if (open.language === 'typescript') open.wrong = 'write ```ts, so that the block is compiled';
      if (open.language === 'ts' || open.wrong !== undefined) found.push(open);
    });
  return found;
}

function target(mark, before) {
  if (mark === '') return { name: `block-${before.length + 1}.ts` };
  if (mark === 'continue')
    return before.length > 0 ? { name: before.at(-1).name } : { name: 'block-1.ts', wrong: 'nothing to continue' };
  if (/^[\w.-]+\.ts$/.test(mark)) return { name: mark };
  return {
    name: `block-${before.length + 1}.ts`,
    wrong: `after \`\`\`ts stands nothing, continue or a file name, not '${mark}'`,
  };
}

function onThePage(line, origins) {
  const error = /^(.+?)\((\d+),(\d+)\): (.*)$/.exec(line);
  const origin = error === null ? undefined : origins.get(relative(folder, join(root, error[1])));
  return origin === undefined ? line : `${origin.page}:${origin.at[error[2] - 1]}:${error[3]}: ${error[4]}`;
}
