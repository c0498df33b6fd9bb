import type {} from '@omnibus/brokers/vitest-setup';
import { keepOutcome, lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { kafka } from '../src/index.js';
import { brokerAt, ownBroker } from './support/broken-broker.js';
import { consumerProcess } from './support/child.js';

const found = inject('kafka');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

/** Not here: a topic takes whatever it is sent (F13, F25), and has no consumers that it could cancel (F21, F22). */
const ALL = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F14', 'F15', 'F17', 'F18'];
/** Of one node of a cluster: the frozen one (F3) does not keep the others from confirming. */
const OF_A_NODE = ['F1', 'F2'];

describe.skipIf(!found.available)(`Kafka and its faults${notRun}`, () => {
  const shared = found.available ? brokerAt(found.brokers, [...found.links]) : undefined;
  for (const { nodes, only } of [
    { nodes: 1, only: ALL },
    { nodes: 3, only: OF_A_NODE },
  ] as const) {
    const broker = found.available ? `Apache Kafka ${found.version ?? 'of unknown version'}, ${found.how}` : '';
    const harness = {
      name: 'kafka',
      factory: kafka,
      mendsItself: true,
      broker: async () => shared!,
      ownBroker: () => ownBroker(nodes),
      process: consumerProcess,
    };
    describe(nodes === 1 ? 'on one broker' : 'on a cluster of three, one of which is broken', () => {
      testFaults(it.concurrent, harness, {
        volume: full ? 10_000 : 500,
        full,
        only,
        report(fault, outcome) {
          if (form !== undefined) process.stdout.write(`${nodes} ${lineOf(fault, outcome)}\n`);
          if (nodes === 1) keepOutcome('kafka', broker, fault, outcome);
        },
      });
    });
  }
});
