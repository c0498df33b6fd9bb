import type {} from '@omnibus/brokers/vitest-setup';
import { describe, expect, inject, it } from 'vitest';
import { benches } from '../src/benches.js';
import { BODY_BYTES, blobs } from '../src/contracts.js';
import { line } from '../src/figures.js';

const moment = { windows: 1, scale: 0.002 };
const brokers = { rabbitmq: inject('rabbitmq'), kafka: inject('kafka') };

describe('each bench runs for a moment and prints its figures', () => {
  for (const bench of benches) {
    it(bench.name, async ({ skip }) => {
      const found = bench.needs === undefined ? undefined : brokers[bench.needs];
      if (found?.available === false) skip(found.reason);
      const figures = await bench.run({ size: moment, ...(found?.available && { [found.name]: found }) });
      const lines = figures.map(line).join('\n');
      expect(lines).toMatch(/ratio \d+\.\d\d|slope -?\d+\.\d{3} bytes|p99: -?\d+\.\d\d ms|calls a m\w+.*: \d+\.\d\d/);
      expect(lines).not.toMatch(/NaN|Infinity/);
    });
  }
});

it('every body has the same size', () => {
  expect(new Set(blobs.map(({ byteLength }) => byteLength))).toEqual(new Set([BODY_BYTES]));
});
