import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { within } from './deadline.js';

// Reads process group ids until its standard input ends, which happens when this process says so and also when it dies in any way,
// SIGKILL included. Then it kills the last group, runs the clean-up of the broker and removes the directory.
const SCRIPT = `
trap '' HUP INT TERM
group=
while read -r line; do group=$line; done
[ -z "$group" ] || kill -KILL "-$group" 2>/dev/null
eval "$2"
tries=0
until rm -rf "$1" && [ ! -e "$1" ]; do
  tries=$((tries + 1)); [ $tries -lt 100 ] || exit 1
  sleep 0.05
done`;

const END_MS = 15_000;

/** Sees to it that a native broker leaves neither process nor directory behind, however this process ends. POSIX shells only. */
export class Guardian {
  readonly #shell: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #directory: string;

  /** `cleanup` is a shell line that runs after the kill, with its own deadline inside; empty for none. */
  constructor(directory: string, cleanup: string) {
    this.#directory = directory;
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'omnibus-guardian', directory, cleanup], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#exited = new Promise((resolve) => {
      this.#shell.once('exit', () => resolve());
      this.#shell.once('error', () => resolve());
    });
    this.#shell.stdin?.on('error', () => {}); // the shell was killed by somebody: end() notices by the directory
    this.#shell.unref();
  }

  /** From now on this process group is the one to kill. */
  watch(group: number): void {
    this.#shell.stdin?.write(`${group}\n`);
  }

  /** The group has ended by itself; its number may come to belong to others. */
  forget(): void {
    this.#shell.stdin?.write('\n');
  }

  /**
   * Kills the group, cleans up, removes the directory.
   * @throws Error when the directory is still there after 15 s
   */
  async end(): Promise<void> {
    this.#shell.stdin?.end();
    await within(END_MS, `clean-up of ${this.#directory}`, this.#exited);
    if (existsSync(this.#directory))
      throw new Error(`clean-up left ${this.#directory} behind: remove it, and end what still writes there`);
  }
}
