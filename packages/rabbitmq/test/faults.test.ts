import { keepOutcome, lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { brokerAt, ownBroker } from './support/broken-broker.js';
import { consumerProcess } from './support/child.js';

const found = inject('rabbitmq');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

describe.skipIf(!found.available)(`RabbitMQ and its faults${notRun}`, () => {
  const url = found.available ? found.url : '';
  const broker = found.available ? `RabbitMQ ${found.version ?? 'of unknown version'}, ${found.how}` : '';
  const harness = {
    name: 'rabbitmq',
    factory: rabbitmq,
    broker: async () => brokerAt(url),
    ownBroker,
    process: consumerProcess,
  };
  testFaults(it.concurrent, harness, {
    volume: full ? 10_000 : 500,
    full,
    report(fault, outcome) {
      if (form !== undefined) process.stdout.write(`${lineOf(fault, outcome)}\n`);
      keepOutcome('rabbitmq', broker, fault, outcome);
    },
  });
});
