import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TransportFactory } from '@omnibus/core';
import { type ConsumerProcess, type ConsumerScript, runConsumer, type Told } from './process.js';

/**
 * Starts a consumer in a process of its own; it consumes when this resolves. `module` calls `consumerProcess`.
 * @throws Error where it ends before
 */
export async function forkConsumer(module: URL, script: ConsumerScript): Promise<ConsumerProcess> {
  const child = fork(fileURLToPath(module), [JSON.stringify(script)], { execArgv: [] });
  const said: Told[] = []; // it handles messages before whoever started it can listen
  child.on('message', (told: Told) => void said.push(told));
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const failed = exited.then(([code, signal]) => {
    throw new Error(`the consumer's process ended with ${code ?? signal}`);
  });
  failed.catch(() => {});
  await Promise.race([consuming(child), failed]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    onTold(listen) {
      said.forEach(listen);
      child.on('message', listen);
    },
    async stop() {
      child.kill('SIGTERM');
      const [code, signal] = await exited;
      if (code !== 0) throw new Error(`a consumer's process that got SIGTERM ended with ${code ?? signal}`);
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

const consuming = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.on('message', ({ what }: Told) => {
      if (what === 'consumes') resolve();
    }),
  );

/** What the module of such a process calls. Its script is the first argument; it tells by IPC and ends by itself when it is drained. */
export async function consumerProcess(factory: TransportFactory): Promise<void> {
  const script = JSON.parse(process.argv[2] as string) as ConsumerScript;
  const tell = (told: Told): Promise<void> =>
    new Promise((resolve) => void process.send?.(told, undefined, undefined, () => resolve()));
  const orphaned = (): never => process.exit(1);
  process.once('disconnect', orphaned);
  try {
    await runConsumer(script, factory, tell);
  } finally {
    process.off('disconnect', orphaned);
    process.disconnect(); // the last that keeps it alive, unless something leaks
  }
}
