import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ConsumerProcess, ConsumerScript, Told } from '@omnibus/conformance';

/** A consumer in a process of its own, consuming when this resolves. @throws Error where it ends before */
export async function consumerProcess(script: ConsumerScript): Promise<ConsumerProcess> {
  const child = fork(fileURLToPath(new URL('./consumer-process.ts', import.meta.url)), [JSON.stringify(script)], {
    execArgv: [],
  });
  const exited = once(child, 'exit');
  const consumes = new Promise<void>((resolve) =>
    child.on('message', ({ what }: Told) => {
      if (what === 'consumes') resolve();
    }),
  );
  const failed = exited.then(([code]) => {
    throw new Error(`the consumer's process ended with ${String(code)}`);
  });
  failed.catch(() => {});
  await Promise.race([consumes, failed]);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    onTold: (listen) => void child.on('message', (told: Told) => listen(told)),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
