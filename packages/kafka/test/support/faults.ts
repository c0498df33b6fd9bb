import type {} from '@omnibus/brokers/vitest-setup';
import { type FaultHarness, forkConsumer, lineOf, testFaults } from '@omnibus/conformance';
import { describe, inject, it } from 'vitest';
import { kafka } from '../../src/index.js';
import type { KafkaOptions } from '../../src/options.js';
import { brokerAt, ownBroker, SILENCE_MS } from './broken-broker.js';

const found = inject('kafka');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

/** Longer than any handler of the faults runs. */
const DRAIN_MS = 10_000;

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

/** The faults of every transport, by one of the clients: of the links that can be broken each takes its half. */
export function testKafkaFaults(name: string, client: NonNullable<KafkaOptions['client']>): void {
  describe.skipIf(!found.available)(`${name} and its faults${notRun}`, () => {
    const links = found.available ? found.links.filter((_, index) => index % 2 === (client === 'kafkajs' ? 0 : 1)) : [];
    const shared = found.available ? brokerAt(found.brokers, links, client) : undefined;
    const release = found.available ? `Apache Kafka ${found.version ?? 'of unknown version'}, ${found.how}` : '';
    const harness: FaultHarness = {
      name,
      runOn: release,
      factory: kafka,
      silenceMs: SILENCE_MS,
      linkless: true, // both clients mend their connections by themselves, and no lease ends with one
      cannot: ONE,
      broker: async () => shared!,
      ownBroker: () => ownBroker(client),
      process: (script) => forkConsumer(new URL('./consumer-process.ts', import.meta.url), script),
    };
    const options = {
      volume: full ? 10_000 : 500,
      full,
      report(...about: Parameters<typeof lineOf>) {
        if (form !== undefined) process.stdout.write(`${lineOf(...about)}\n`);
      },
    };
    describe('on one broker', () => testFaults(it.concurrent, harness, options));
    describe.skipIf(client !== 'platformatic')('where members drain before their partitions are taken away', () => {
      const drains = found.available ? brokerAt(found.brokers, [], client, { drainMs: DRAIN_MS }) : undefined;
      const members = { ...harness, name: `${name}, draining`, broker: async () => drains! };
      testFaults(it.concurrent, members, { ...options, only: ['F23', 'F28'] });
    });
    describe('on a cluster of three, one of which is broken', () => {
      const cluster = {
        ...harness,
        name: `${name}, one node of three`,
        runOn: `${release}, three nodes`,
        ownBroker: () => ownBroker(client, 3),
      };
      // a node that is frozen (F3) does not keep the others from confirming
      testFaults(it.concurrent, cluster, { ...options, only: ['F1', 'F2'] });
    });
  });
}
