import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TIMEOUT_MS = 40_000;

/** How a run of the example ended, and what it printed. */
export interface Run {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
  /** By the names of its rows. */
  readonly ledger: Readonly<Record<string, string>>;
}

/** Runs the example as built, as a process of its own, in a folder where nothing lies. */
export async function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const cwd = mkdtempSync(join(tmpdir(), 'order-flow-'));
  const { OMNIBUS_TRANSPORT: _, OMNIBUS_RABBITMQ_URL: __, ...inherited } = process.env;
  try {
    return await new Promise((resolve) => {
      const options = { cwd, env: { ...inherited, ...env }, timeout: TIMEOUT_MS };
      const child = execFile(process.execPath, [MAIN, ...args], options, (_error, out, err) =>
        resolve({ code: child.exitCode ?? undefined, out, err, ledger: ledgerOf(out) }),
      );
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function ledgerOf(out: string): Record<string, string> {
  const rows = (out.split('\n  ledger\n')[1] ?? '').split('\n');
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, name, value] = /^ {4}(\S.*?) {2,}(\S.*)$/.exec(row) ?? [];
      return name === undefined ? [] : [[name, (value as string).replace(/ {2,}/, ', ')]];
    }),
  );
}
