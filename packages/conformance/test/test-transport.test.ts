import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Harness, NotRun } from '../src/harness.js';
import type { Report } from '../src/result.js';
import { isScenario } from '../src/scenario.js';
import { checks } from '../src/table.js';
import { type TestContext, testTransport } from '../src/test-transport.js';
import { harnessWithout } from './paper.js';

type Run = (context?: TestContext) => Promise<void>;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'omnibus-conformance-test-'));
  vi.stubEnv('OMNIBUS_CONFORMANCE_FOLDER', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The tests that are declared, by name. */
function declared(harness: Harness | NotRun): Map<string, Run> {
  const tests = new Map<string, Run>();
  testTransport((name, run) => tests.set(name, run), harness);
  return tests;
}

const report = (): Report => JSON.parse(readFileSync(join(folder, 'paper.json'), 'utf8')) as Report;
const stateOf = (check: number) => report().results.find((each) => each.check === check);

describe('testTransport', () => {
  it('declares one test for each check that has a scenario, named by number and sentence', () => {
    expect([...declared(harnessWithout()).keys()]).toEqual(
      checks.filter(isScenario).map(({ check, title }) => `${check} ${title}`),
    );
  });

  it('runs beside each other what may, where the runner can', () => {
    const beside: string[] = [];
    const apart: string[] = [];
    const test = Object.assign((name: string) => apart.push(name), { concurrent: (name: string) => beside.push(name) });
    testTransport(test, harnessWithout());
    expect(apart).toEqual(checks.filter((each) => isScenario(each) && each.alone).map(({ check, title }) => `${check} ${title}`));
    expect(beside.length + apart.length).toBe(checks.filter(isScenario).length);
  });

  it('reports what is not built, and what failed', async () => {
    const tests = declared(harnessWithout('durable'));
    expect(stateOf(23)).toMatchObject({ state: 'not planned' });
    await expect(tests.get('1 body and headers arrive as they were sent')!()).rejects.toThrow();
    expect(stateOf(1)).toMatchObject({ state: 'fails' });
  });

  it('reports a refusal', async () => {
    const check15 = [...declared(harnessWithout('durable'))].find(([name]) => name.startsWith('15 '))!;
    await check15[1]();
    expect(stateOf(15)).toMatchObject({ state: 'refused' });
  });

  it('skips with the reason what the harness cannot prove', async () => {
    const skip = vi.fn();
    const check11 = [...declared(harnessWithout())].find(([name]) => name.startsWith('11 '))!;
    await check11[1]({ skip });
    expect(skip).toHaveBeenCalledWith("the harness has no control 'holdSends'");
    expect(stateOf(11)).toMatchObject({ state: 'not proven' });
  });

  it('passes what is known to fail, loudly, and fails it once it passes', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const tests = declared({ ...harnessWithout(), knownFailures: { 1: 'paper gives nothing', 14: 'paper cannot stop' } });
    const of = (check: number): Run => [...tests].find(([name]) => name.startsWith(`${check} `))![1];
    await of(1)();
    expect(write.mock.calls.join()).toMatch(/KNOWN FAILURE on paper: 1 [\s\S]*paper gives nothing/);
    expect(stateOf(1)).toEqual({ check: 1, state: 'fails', notes: ['paper gives nothing'] });
    await expect(of(14)()).rejects.toThrow(/check 14 passes on paper: take it out of knownFailures/);
    write.mockRestore();
  });

  it('says why it is not run', async () => {
    const [[name, run] = []] = [...declared({ name: 'paper', notRun: 'no scissors; buy some' })];
    const skip = vi.fn();
    await run!({ skip });
    expect(name).toBe('paper: not run');
    expect(skip).toHaveBeenCalledWith('no scissors; buy some');
    expect(report()).toEqual({ transport: 'paper', notRun: 'no scissors; buy some', results: [] });
  });
});
