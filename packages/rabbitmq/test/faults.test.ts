import { lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { brokerAt, ownBroker } from './support/broken-broker.js';
import { consumerProcess } from './support/child.js';

const found = inject('rabbitmq');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
const full = process.env['OMNIBUS_FAULTS'] === 'full';

describe.skipIf(!found.available)(`RabbitMQ and its faults${notRun}`, () => {
  const broker = async () => {
    if (!found.available) throw new Error(found.reason);
    return brokerAt(found.url);
  };
  const harness = { name: 'rabbitmq', factory: rabbitmq, broker, ownBroker, process: consumerProcess };
  testFaults(it.concurrent, harness, {
    volume: full ? 10_000 : 500,
    full,
    report: (fault, outcome) => {
      if (full) process.stdout.write(`${lineOf(fault, outcome)}\n`);
    },
  });
});
