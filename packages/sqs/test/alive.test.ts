import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { awsFaults } from '@omnibus/brokers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { notRun, proxy, reach, unique } from './emulator.js';

const LONG_MS = 30_000;

/** A process that consumes one queue, once it does. */
async function loneConsumer() {
  const script = fileURLToPath(new URL('./support/lone-consumer.ts', import.meta.url));
  const options = JSON.stringify({ ...reach, waitMs: 1_000, callTimeoutMs: 1_000 });
  const child = spawn(process.execPath, [script, options, unique('lone')], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  await Promise.race([once(child.stdout, 'data'), exit]);
  return { child, exit };
}

describe.skipIf(notRun !== '')(`a service that only consumes${notRun}`, () => {
  it('goes on while SQS is out of reach, and ends by itself when it is stopped', { timeout: 2 * LONG_MS }, async () => {
    const { child, exit } = await loneConsumer();
    const outage = proxy.inject('*', awsFaults.reset);
    await vi.waitFor(
      () => {
        expect(child.exitCode).toBe(null);
        expect(outage.hits).toBeGreaterThan(3);
      },
      { timeout: LONG_MS },
    );
    outage.remove();
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
