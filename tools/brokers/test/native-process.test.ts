import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../src/command.js';
import { until } from '../src/deadline.js';
import { NativeProcess, type NativeSpec } from '../src/native-process.js';
import { processesThatName } from './support/leftovers.js';

const specOf = (directory: string, script: string): NativeSpec<string> => ({
  command: '/bin/sh',
  args: ['-c', script],
  env: { PATH: '/usr/bin:/bin', HOME: directory },
  ready: /^ready$/m,
  cleanup: '',
  startTimeoutMs: 10_000,
  stopTimeoutMs: 5_000,
  about: directory,
});

const launch = (script: string, changes: Partial<NativeSpec<string>> = {}): Promise<NativeProcess<string>> =>
  NativeProcess.launch('shell', async (directory) => ({ ...specOf(directory, script), ...changes }));

/** A process and its child, one letter each: S sleeping, T stopped. */
async function statesOf(pid: number | undefined): Promise<readonly string[]> {
  const lines = await runCommand('ps', ['-o', 'stat=', '-p', String(pid), '--ppid', String(pid)], { env: {}, timeoutMs: 5_000 });
  return lines
    .trim()
    .split('\n')
    .map((line) => line.charAt(0));
}

/** Ready only once its child is there: a stop that comes earlier would find one process, not two. */
const SLEEPER = 'sleep 600 & echo started >> starts; echo ready; wait';

describe('a native process', () => {
  it('is ready when it says so, keeps its directory over kill and restart, and leaves nothing', async () => {
    const shell = await launch(SLEEPER);
    const [directory, first] = [shell.about, shell.pid];
    await shell.kill();
    expect(shell.pid).toBeUndefined();
    await shell.kill(); // nothing to kill: nothing happens
    await shell.restart();
    expect(shell.pid).not.toBe(first);
    await shell.restart(); // running: stopped first
    expect(await readFile(join(directory, 'starts'), 'utf8')).toBe('started\n'.repeat(3));
    expect(processesThatName(directory)).not.toEqual([]);
    await Promise.all([shell.dispose(), shell.dispose()]);
    expect(existsSync(directory)).toBe(false);
    await until(5_000, 'every process has ended', async () => expect(processesThatName(directory)).toEqual([]));
    await expect(shell.restart()).rejects.toThrow('was disposed of');
  });

  it('can be paused and resumed, and killed or stopped while it is paused', async () => {
    await using shell = await launch(SLEEPER);
    await shell.pause();
    expect((await statesOf(shell.pid))[0]).toBe('T');
    await until(5_000, 'its child is frozen too', async () => expect(await statesOf(shell.pid)).toEqual(['T', 'T']));
    await shell.resume();
    await until(5_000, 'both go on', async () => expect(await statesOf(shell.pid)).toEqual(['S', 'S']));
    await shell.pause();
    await shell.kill();
    await shell.restart();
    await shell.pause();
    await shell.stop();
    expect(shell.pid).toBeUndefined();
    await expect(shell.pause()).rejects.toThrow('shell is not running');
  });

  it('that ignores the wish to stop is killed, and that is said', async () => {
    await using shell = await launch(`trap '' TERM; ${SLEEPER}; wait; sleep 600`, { stopTimeoutMs: 200 });
    await expect(shell.stop()).rejects.toThrow('shell: graceful stop: not done after 200 ms');
    expect(shell.pid).toBeUndefined();
  });

  it('that does not start is thrown with the end of its output, and leaves nothing', async () => {
    let directory = '';
    const failing = NativeProcess.launch('shell', async (home) => {
      directory = home;
      return specOf(home, 'echo no room >&2; exit 3');
    });
    await expect(failing).rejects.toThrow(/shell did not start[\s\S]*no room/);
    expect(existsSync(directory)).toBe(false);
    await expect(launch('sleep 600', { startTimeoutMs: 200 })).rejects.toThrow(
      expect.objectContaining({ cause: new Error('shell: start: not done after 200 ms') }),
    );
    await expect(launch('', { command: '/nowhere/broker' })).rejects.toThrow('ENOENT');
    await expect(NativeProcess.launch('shell', () => Promise.reject(new Error('no certificates')))).rejects.toThrow(
      'no certificates',
    );
  });

  it('that does not start again is ended, and may be tried again', async () => {
    await using shell = await launch('[ -e broken ] || echo ready; sleep 600 & wait', { startTimeoutMs: 500 });
    await writeFile(join(shell.about, 'broken'), '');
    await expect(shell.restart()).rejects.toThrow('shell did not start');
    expect(shell.pid).toBeUndefined();
    await unlink(join(shell.about, 'broken'));
    await shell.restart();
  });

  it('is tried three times while its ports are taken, and once when something else is wrong', async () => {
    const homes: string[] = [];
    const failing = (output: string): Promise<unknown> =>
      NativeProcess.launch('shell', async (directory) => {
        homes.push(directory);
        return specOf(directory, `echo "${output}"; exit 1`);
      });
    await expect(failing('Address already in use')).rejects.toThrow('already in use');
    expect(homes).toHaveLength(3);
    await expect(failing('no such plugin')).rejects.toThrow('no such plugin');
    expect(homes).toHaveLength(4);
    expect(homes.filter((home) => existsSync(home))).toEqual([]);
  });

  it('is tried again, elsewhere, when a port was taken meanwhile', async () => {
    const homes = new Set<string>();
    await using shell = await NativeProcess.launch('shell', async (directory) => {
      homes.add(directory);
      return specOf(directory, homes.size < 3 ? 'echo "{listen_error, eaddrinuse}"; exit 1' : SLEEPER);
    });
    expect([...homes].map((home) => existsSync(home))).toEqual([false, false, true]);
    expect(shell.pid).toBeDefined();
  });

  it('has its clean-up run after the kill, before its directory goes', async () => {
    const proof = join(tmpdir(), `omnibus-proof-${process.pid}`);
    const shell = await launch(SLEEPER, { cleanup: `ls "$1"/starts > ${proof}` });
    await shell.dispose();
    expect(await readFile(proof, 'utf8')).toBe(`${shell.about}/starts\n`);
    await unlink(proof);
  });

  it.each([
    ['ends without disposing of it', 'end', undefined],
    ['is terminated', 'wait', 'SIGTERM'],
    ['is killed', 'wait', 'SIGKILL'],
  ] as const)('does not outlive the process that started it when that %s', async (_, how, signal) => {
    const hooks = import.meta.resolve('./support/run-typescript.mjs');
    const script = import.meta.resolve('./support/forgetful.ts');
    const parent = spawn(process.execPath, ['--import', hooks, fileURLToPath(script), how], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const exited = once(parent, 'exit');
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    const directory = line.trim();
    expect(directory).toContain('omnibus-forgotten-');
    if (signal !== undefined) {
      expect(existsSync(directory)).toBe(true);
      process.kill(-parent.pid!, signal); // with everything in its process group, as a terminal and a CI do
    }
    await exited;
    await until(10_000, 'nothing is left', async () => {
      expect(processesThatName(directory)).toEqual([]);
      expect(existsSync(directory)).toBe(false);
    });
  });
});
