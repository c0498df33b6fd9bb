import { expect, it } from 'vitest';
import { findExecutable, runCommand } from '../src/command.js';

it('gives the output of a command, or throws with what it said or that it took too long', async () => {
  expect(await runCommand('sh', ['-c', 'echo $GREETING'], { env: { GREETING: 'hello', PATH: '/bin' }, timeoutMs: 5_000 })).toBe(
    'hello\n',
  );
  await expect(runCommand('sh', ['-c', 'echo wrong >&2; exit 4'], { env: {}, timeoutMs: 5_000 })).rejects.toThrow(
    /sh -c .*: wrong$/,
  );
  await expect(runCommand('sleep', ['600'], { env: {}, timeoutMs: 100 })).rejects.toThrow('sleep 600: not done after 100 ms');
});

it('finds an executable in the folders given, else on PATH, else nowhere', () => {
  expect(findExecutable('sh', ['/nowhere', '/bin'])).toBe('/bin/sh');
  expect(findExecutable('sh', [])).toMatch(/\/sh$/);
  expect(findExecutable('no-such-broker', ['/bin'])).toBeUndefined();
});
