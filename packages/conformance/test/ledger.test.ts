import { describe, expect, it } from 'vitest';
import { renderLedger } from '../src/ledger.js';
import type { Report } from '../src/result.js';
import { checks } from '../src/table.js';

const memory: Report = {
  transport: 'memory',
  broker: 'a broker in this process',
  notRun: undefined,
  results: [
    { check: 1, state: 'native', notes: [] },
    { check: 27, state: 'emulated', notes: ['by a copy'] },
    { check: 28, state: 'emulated', notes: ['by a copy'] },
    { check: 30, state: 'fails', notes: ['a | in it'] },
  ],
};
const away: Report = { transport: 'away', broker: undefined, notRun: 'no broker: install one', results: [] };

describe('the ledger', () => {
  const text = renderLedger([memory, away]);

  it('lists every check with its state on each transport', () => {
    for (const { check, title } of checks) expect(text).toContain(`| ${check} | ${title} | `);
    expect(text).toContain('| 1 | body and headers arrive as they were sent | not run | native |');
    expect(text).toContain('| not run | **fails** |');
  });

  it('says each sentence once, with the checks that it is about', () => {
    expect(text).toContain('- 27, 28 emulated: by a copy');
  });

  it('says why a transport was not run', () => {
    expect(text).toContain('Not run: no broker: install one');
  });

  it('marks what only an emulator has proved, and says how that differs from the broker', () => {
    const emulator = 'it takes as many messages as one likes.';
    const marked = renderLedger([{ ...memory, transport: 'sqs', broker: 'paper 1.0', emulator }, memory]);
    expect(marked).toContain('| 1 | body and headers arrive as they were sent | native | native ᵉ |');
    expect(marked).toContain('| emulated | emulated ᵉ |');
    expect(marked).toContain('| **fails** | **fails** |');
    expect(marked).toContain('- **ᵉ**: proved on an emulator only (sqs)');
    expect(marked).toContain('| sqs | paper 1.0 ᵉ |');
    expect(marked).toContain(`Run on paper 1.0.\n\n**Proved on an emulator only**: ${emulator}`);
    expect(text).not.toContain('ᵉ');
  });

  it('is the same whatever the order of the reports', () => {
    expect(renderLedger([away, memory])).toBe(text);
  });
});

describe('the table of checks', () => {
  it('has the numbers from 1 to 90, each once and in order, and no title twice', () => {
    expect(checks.map(({ check }) => check)).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
    expect(new Set(checks.map(({ title }) => title)).size).toBe(90);
  });
});
