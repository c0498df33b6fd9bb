import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where and for how long a command runs. */
export interface CommandSurroundings {
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Default: this process's own. */
  readonly folder?: string;
  readonly timeoutMs: number;
}

/**
 * Runs a command to its end and gives what it wrote to standard output.
 * @throws Error with what it wrote to standard error, or when it was not done after `timeoutMs` (it is killed then)
 */
export function runCommand(command: string, args: readonly string[], around: CommandSurroundings): Promise<string> {
  const { env, folder, timeoutMs } = around;
  const options = { env, cwd: folder, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 } as const;
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (cause, stdout, stderr) => {
      if (cause === null) return resolve(stdout);
      const why = cause.killed === true ? `not done after ${timeoutMs} ms` : stderr.trim() || stdout.trim() || cause.message;
      reject(new Error(`${command} ${args.join(' ')}: ${why}`, { cause }));
    });
  });
}

/** The first of `folders`, then of PATH, that holds an executable of this name. */
export function findExecutable(name: string, folders: readonly string[]): string | undefined {
  const places = [...folders, ...(process.env['PATH'] ?? '').split(delimiter)];
  return places.map((folder) => join(folder, name)).find(isExecutable);
}

/** The least environment that a native broker needs; its home and temporary files are its own directory. */
export function bareEnvironment(directory: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', HOME: directory, TMPDIR: directory, LANG: 'C.UTF-8' };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
