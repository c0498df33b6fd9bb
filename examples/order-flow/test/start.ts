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
  /** Of each transport, by the names of its rows. */
  readonly ledgers: readonly Readonly<Record<string, string>>[];
  /** The first of them. */
  readonly ledger: Readonly<Record<string, string>>;
}

/** Runs the example as built, as a process of its own, in a folder where nothing lies. */
export async function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const cwd = mkdtempSync(join(tmpdir(), 'order-flow-'));
  const { OMNIBUS_TRANSPORT: _, OMNIBUS_RABBITMQ_URL: __, OMNIBUS_AWS_URL: ___, ...inherited } = process.env;
  try {
    return await new Promise((resolve) => {
      const options = { cwd, env: { ...inherited, ...env }, timeout: TIMEOUT_MS };
      const child = execFile(process.execPath, [MAIN, ...args], options, (_error, out, err) => {
        const ledgers = out.split('\n  ledger\n').slice(1).map(ledgerOf);
        resolve({ code: child.exitCode ?? undefined, out, err, ledgers, ledger: ledgers[0] ?? {} });
      });
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

function ledgerOf(out: string): Record<string, string> {
  const rows = (out.split('\n\n')[0] as string).split('\n');
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, name, value] = /^ {4}(\S.*?) {2,}(\S.*)$/.exec(row) ?? [];
      return name === undefined ? [] : [[name, (value as string).replace(/ {2,}/, ', ')]];
    }),
  );
}
