import { expect, it } from 'vitest';
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
  transport: 'rabbitmq',
  broker: 'RabbitMQ 1.2.3, native',
  fault: 'F5',
  outcome: {
    counts: { ...NOTHING, attempted: 10_000, acknowledged: 9_990, ok: 9_990, recovered: 7 },
    left: 0,
    recoveryMs: 1_234,
    reconnects: { publisher: 0, consumer: 5 },
    notes: ['one', 'two'],
  },
};

it('the page of the faults has each counter of a fault, and says of the others that they were not run', () => {
  const page = renderFaults([report]);
  expect(page).toContain('Run on RabbitMQ 1.2.3, native.');
  expect(page).toContain('| F5 | 10,000 | 9,990 | 9,990 | 0 | 0 | 0 | 0 | 7 | 0 | 1,234 | 0 + 5 | one; two |');
  expect(page.match(/^\| F\d+ \| not run \|/gm)).toHaveLength(15);
});
