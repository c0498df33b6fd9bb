import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = new URL('../../src/api/run.ts', import.meta.url).href;

/** A process that runs an app without a socket or timer, as one is whose link went away while its consumers were paused. */
const program = (then: string): string => `
  import { runUntilSignal } from ${JSON.stringify(run)};
  const told = [];
  const start = async () => {
    told.push('runs');
    ${then}
  };
  const stop = async () => void told.push('stops');
  process.on('exit', () => console.log(told.join(' ')));
  runUntilSignal({ start, stop }, {}).then(() => told.push('ended'), ({ message }) => told.push(message));
`;

const outputOf = async (then: string): Promise<string> => {
  const args = ['--no-warnings', '--experimental-strip-types', '--input-type=module', '--eval', program(then)];
  return (await promisify(execFile)(process.execPath, args)).stdout.trim();
};

it('keeps the process alive until a signal comes, whatever else does, and no longer', async () => {
  // a timer that keeps nothing alive by itself
  const signal = `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20).unref();`;
  expect(await outputOf(signal)).toBe('runs stops ended');
});

it('lets the process end where the app cannot start', async () => {
  expect(await outputOf(`throw new Error('no broker');`)).toBe('runs no broker');
});
