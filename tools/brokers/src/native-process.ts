import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { until, within } from './deadline.js';
import { Guardian } from './guardian.js';
import type { BrokerControl } from './recipe.js';

/** What to run, and how to know that it is ready. */
export interface NativeSpec<About> {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the process: nothing is inherited, so that no secret and no setting of this machine gets in. */
  readonly env: Readonly<Record<string, string>>;
  /** Looked for in what the process writes since it was started. */
  readonly ready: RegExp;
  /** A shell line that ends what leaves the process group (daemons), with its own deadline inside; empty for none. */
  readonly cleanup: string;
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
  /** What the caller wants to know of the attempt that succeeded: ports, certificates. */
  readonly about: About;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<void>;
}

const KILL_MS = 10_000;
const OUTPUT_CHARACTERS = 64 * 1024;
const ATTEMPTS = 3;
const PORT_TAKEN = /eaddrinuse|address (is )?already in use|port .* in use/i;

/** A broker as a child process with its own process group and its own directory, which is removed with it. */
export class NativeProcess<About> implements BrokerControl, AsyncDisposable {
  readonly #name: string;
  readonly #spec: NativeSpec<About>;
  readonly #guardian: Guardian;
  #running: Running | undefined;
  #paused = false;
  #output = '';
  #disposed: Promise<void> | undefined;

  private constructor(name: string, spec: NativeSpec<About>, directory: string) {
    this.#name = name;
    this.#spec = spec;
    this.#guardian = new Guardian(directory, spec.cleanup);
  }

  /**
   * Starts a broker in a new directory and resolves when it is ready. `configure` writes the files and picks the ports; it is
   * called again, with another directory, when somebody else took one of the ports meanwhile (three attempts).
   * @throws Error with the end of the broker's output
   */
  static async launch<About>(
    name: string,
    configure: (directory: string) => Promise<NativeSpec<About>>,
  ): Promise<NativeProcess<About>> {
    for (let attempt = 1; ; attempt++) {
      const directory = await mkdtemp(join(tmpdir(), `omnibus-${name}-`));
      const spec = await configure(directory).catch(async (error: unknown) => {
        await rm(directory, { recursive: true, force: true });
        throw error;
      });
      const broker = new NativeProcess(name, spec, directory);
      try {
        await broker.#start();
        return broker;
      } catch (error) {
        await broker.dispose();
        if (attempt === ATTEMPTS || !PORT_TAKEN.test(broker.#output)) throw error;
      }
    }
  }

  get about(): About {
    return this.#spec.about;
  }

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.child.kill('SIGTERM');
    if (this.#paused) await this.resume(); // a stopped process cannot heed SIGTERM
    try {
      await within(this.#spec.stopTimeoutMs, `${this.#name}: graceful stop`, running.exited);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#signal('SIGKILL');
    await within(KILL_MS, `${this.#name}: end after SIGKILL`, running.exited);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  async pause(): Promise<void> {
    this.#signal('SIGSTOP');
    this.#paused = true;
    await until(KILL_MS, `${this.#name}: freeze`, () => this.#isFrozen());
  }

  async resume(): Promise<void> {
    this.#signal('SIGCONT');
    this.#paused = false;
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#end();
    return this.#disposed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #start(): Promise<void> {
    if (this.#disposed !== undefined) throw new Error(`${this.#name}: it was disposed of; start a new one`);
    const { command, args, env, ready, startTimeoutMs } = this.#spec;
    this.#output = '';
    const child = spawn(command, args, { cwd: env['HOME'], env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const failed = new Promise<never>((_, reject) => child.once('error', reject)); // the command cannot be run at all
    failed.catch(() => {});
    if (child.pid === undefined) await failed;
    const running = {
      child,
      pid: child.pid as number,
      exited: new Promise<void>((resolve) => child.once('exit', () => resolve())),
    };
    this.#running = running;
    this.#paused = false;
    this.#guardian.watch(running.pid);
    void running.exited.then(() => {
      endGroup(running.pid);
      this.#guardian.forget();
      this.#running = undefined;
    });
    const isReady = new Promise<void>((resolve) => {
      const read = (text: string): void => {
        this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS);
        if (ready.test(this.#output)) resolve();
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
    });
    // A process that forgot to dispose can end all the same: the guardian cleans up after it.
    for (const held of [child, child.stdout as Socket, child.stderr as Socket]) held.unref();
    const ended = running.exited.then(() => Promise.reject(new Error(`${this.#name}: it ended before it was ready`)));
    try {
      await within(startTimeoutMs, `${this.#name}: start`, Promise.race([isReady, ended, failed]));
    } catch (cause) {
      await this.kill();
      throw new Error(`${this.#name} did not start. The end of its output:\n${this.#output.slice(-3_000)}`, { cause });
    }
  }

  /** The signal arrives a moment after it was sent. */
  async #isFrozen(): Promise<void> {
    const state = await runCommand('ps', ['-o', 'stat=', '-p', String(this.pid)], { env: {}, timeoutMs: KILL_MS });
    if (!state.startsWith('T')) throw new Error(`its state is ${state.trim()}`);
  }

  /** To the whole process group, so that no helper of the broker is left out. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#running === undefined) throw new Error(`${this.#name} is not running, so ${signal} cannot reach it`);
    process.kill(-this.#running.pid, signal);
  }

  async #end(): Promise<void> {
    const exited = this.#running?.exited;
    await this.#guardian.end();
    if (exited !== undefined) await within(KILL_MS, `${this.#name}: end after SIGKILL`, exited);
  }
}

/** Ends the helpers that a broker left behind when it ended; there are none, normally. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
