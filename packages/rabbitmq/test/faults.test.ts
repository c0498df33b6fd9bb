import { lineOf, testFaults } from '@omnibus/conformance';
import { describe, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { brokenBroker, consumerProcess } from './support/broken-broker.js';

const full = process.env['OMNIBUS_FAULTS'] === 'full';
const only = process.env['OMNIBUS_FAULT'];

describe.runIf(process.env['OMNIBUS_FAULTS'] !== 'none')('RabbitMQ and its faults', () => {
  const run: Parameters<typeof testFaults>[0] = (name, test, timeoutMs) => {
    if (only === undefined || name.startsWith(`${only}:`)) it(name, test, timeoutMs);
  };
  const harness = { name: 'rabbitmq', factory: rabbitmq as never, broker: brokenBroker, process: consumerProcess };
  testFaults(run, harness, {
    volume: full ? 10_000 : 1_000,
    full,
    report: (fault, outcome) => process.stdout.write(`${lineOf(fault, outcome)}\n`),
  });
});
