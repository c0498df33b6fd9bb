import { type FaultHarness, forkConsumer, lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { admin } from './rabbit.js';
import { brokerAt, ownBroker, SILENCE_MS } from './support/broken-broker.js';

const found = inject('rabbitmq');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

describe.skipIf(!found.available)(`RabbitMQ and its faults${notRun}`, () => {
  const url = found.available ? found.url : '';
  const harness: FaultHarness = {
    name: 'rabbitmq',
    runOn: found.available ? `RabbitMQ ${found.version ?? 'of unknown version'}, ${found.how}` : '',
    factory: rabbitmq,
    silenceMs: SILENCE_MS,
    cannot: {
      F12: 'RabbitMQ refuses no call as one too many: it blocks publishers (F25)',
      F29: 'a queue has no partitions',
      ...(admin === undefined ? { F11: 'the users of this RabbitMQ are not ours to change' } : {}),
    },
    broker: async () => brokerAt(url, admin),
    ownBroker,
    process: (script) => forkConsumer(new URL('./support/consumer-process.ts', import.meta.url), script),
  };
  testFaults(it.concurrent, harness, {
    volume: full ? 10_000 : 500,
    full,
    report(fault, outcome) {
      if (form !== undefined) process.stdout.write(`${lineOf(fault, outcome)}\n`);
    },
  });
});
