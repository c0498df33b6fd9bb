import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Counts } from './sqs-front.js';

/** What answers: our stand-in, or the emulator that the suites use. */
export type Engine = 'stand-in' | 'fauxqs';

/** Ms between a call and its answer beyond the work itself, as between two zones of a region; both sides of every comparison. */
const ROUND_TRIP_MS = 8;

/** Tests run from the sources, child processes only what is built. */
const SOURCES = /\/src\/(?=[^/]+$)/;

/** An SQS in a process of its own. */
export class SqsBroker implements AsyncDisposable {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async start(engine: Engine): Promise<SqsBroker> {
    const server = fileURLToPath(new URL('./sqs-server.js', import.meta.url)).replace(SOURCES, '/dist/');
    const child = fork(server, [engine, String(ROUND_TRIP_MS)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    const [port] = (await once(child, 'message')) as [number];
    return new SqsBroker(child, port);
  }

  /** What it was asked since `reset`. */
  counts(): Promise<Counts> {
    return this.#ask('counts');
  }

  /** Counts anew. */
  async reset(): Promise<void> {
    await this.#ask('reset');
  }

  async #ask(what: 'counts' | 'reset'): Promise<Counts> {
    const answered = once(this.#child, 'message') as Promise<[Counts]>;
    this.#child.send(what);
    return (await answered)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
