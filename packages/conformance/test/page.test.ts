import { describe, expect, it } from 'vitest';
import { faults } from '../src/faults/index.js';
import { type FaultReport, renderFaults } from '../src/faults/page.js';

const NOTHING = {
  attempted: 0,
  acknowledged: 0,
  ok: 0,
  dead: 0,
  lost: 0,
  unexpected: 0,
  duplicated: 0,
  recovered: 0,
  reordered: 0,
};

const report: FaultReport = {
  name: 'rabbitmq',
  runOn: 'RabbitMQ 1.2.3, native',
  fault: 'F5',
  outcome: {
    counts: { ...NOTHING, attempted: 10_000, acknowledged: 9_990, ok: 9_990, recovered: 7 },
    left: 0,
    recoveryMs: 1_234,
    reconnects: { publisher: 0, consumer: 5 },
    notes: ['one', 'two'],
  },
};

describe('the page of the faults', () => {
  it('has each counter of a fault, and says of the others that they were not run', () => {
    const page = renderFaults([report]);
    expect(page).toContain('Run on RabbitMQ 1.2.3, native.');
    expect(page).toContain('| F5 | 10,000 | 9,990 | 9,990 | 0 | 0 | 0 | 0 | 7 | 0 | 1,234 | 0 + 5 | one; two |');
    expect(page.match(/^\| F\d+ \| not run \|/gm)).toHaveLength(faults.length - 1);
    expect(page).not.toContain('emulator only');
  });

  it('says why a fault was not run', () => {
    const page = renderFaults([report, { ...report, fault: 'F12', outcome: { notRun: 'it refuses no call' } }]);
    expect(page).toMatch(/^\| F12 \| not run \|[ |]*\| it refuses no call \|$/m);
  });

  it('says what was proved on an emulator only', () => {
    const page = renderFaults([{ ...report, name: 'sqs', emulator: 'fauxqs forgets all when it is killed.' }, report]);
    expect(page).toContain('## sqs\n\nRun on RabbitMQ 1.2.3, native.\n\n**Proved on an emulator only**: fauxqs forgets all');
    expect(page.match(/emulator only/g)).toHaveLength(1);
  });
});
