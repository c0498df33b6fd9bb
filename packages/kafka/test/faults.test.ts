import type {} from '@omnibus/brokers/vitest-setup';
import { type FaultHarness, forkConsumer, lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { kafka } from '../src/index.js';
import { brokerAt, ownBroker, SILENCE_MS } from './support/broken-broker.js';

const found = inject('kafka');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

const UNBOUNDED = 'a topic takes whatever it is sent';
const NO_PLACE = 'a topic has no consumers that it could cancel; one that is deleted takes the positions of its groups with it';
const ONE = {
  F11: 'the users of this Kafka are not ours to change',
  F12: 'Kafka delays the answers of who asks too much, and refuses none',
  F13: UNBOUNDED,
  F21: NO_PLACE,
  F22: NO_PLACE,
  F25: UNBOUNDED,
};

describe.skipIf(!found.available)(`Kafka and its faults${notRun}`, () => {
  const shared = found.available ? brokerAt(found.brokers, [...found.links]) : undefined;
  const release = found.available ? `Apache Kafka ${found.version ?? 'of unknown version'}, ${found.how}` : '';
  const harness: FaultHarness = {
    name: 'kafka',
    runOn: release,
    factory: kafka,
    silenceMs: SILENCE_MS,
    linkless: true, // kafkajs mends its connections by itself, and no lease ends with one
    cannot: ONE,
    broker: async () => shared!,
    ownBroker: () => ownBroker(),
    process: (script) => forkConsumer(new URL('./support/consumer-process.ts', import.meta.url), script),
  };
  const options = {
    volume: full ? 10_000 : 500,
    full,
    report(...about: Parameters<typeof lineOf>) {
      if (form !== undefined) process.stdout.write(`${lineOf(...about)}\n`);
    },
  };
  describe('on one broker', () => testFaults(it.concurrent, harness, options));
  describe('on a cluster of three, one of which is broken', () => {
    const cluster = {
      ...harness,
      name: 'kafka, one node of three',
      runOn: `${release}, three nodes`,
      ownBroker: () => ownBroker(3),
    };
    // a node that is frozen (F3) does not keep the others from confirming
    testFaults(it.concurrent, cluster, { ...options, only: ['F1', 'F2'] });
  });
});
