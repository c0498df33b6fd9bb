import { broker } from '@omnibus/brokers';
import { type FaultHarness, forkConsumer, lineOf, testFaults } from '@omnibus/conformance';
import { afterAll, describe, it } from 'vitest';
import { sqs } from '../src/index.js';
import { brokerAt, LOCK_MS, ownBroker } from './support/broken-aws.js';

const found = await broker('aws');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

const EMULATOR =
  'F1 and F2 stop and kill the emulator, whose queues and messages in flight outlive it, but not its deduplication window; SQS itself never stops as a whole. F11 to F13 are answered by a proxy in front of it, as AWS words them. A FIFO queue gives out one message of a key at a time, SQS up to ten.';

describe.skipIf(!found.available)(`SQS and its faults${notRun}`, () => {
  if (!found.available) return;
  const aws = brokerAt(found);
  afterAll(async () => {
    aws.close();
    await found.dispose();
  });
  const harness: Omit<FaultHarness, 'name' | 'ordered'> = {
    runOn: `${found.version ?? 'AWS'}, ${found.how}`,
    ...(found.how === 'embedded' ? { emulator: EMULATOR } : {}),
    factory: sqs,
    linkless: true,
    silenceMs: LOCK_MS,
    broker: async () => aws,
    ownBroker,
    process: (script) => forkConsumer(new URL('./support/consumer-process.ts', import.meta.url), script),
  };
  const cannot = {
    F22: 'SQS cancels no consumer: each receive stands for itself',
    F25: 'SQS blocks no publishers: it throttles (F12)',
    F29: 'a queue has no partitions',
  };
  const options = {
    volume: full ? 10_000 : 500,
    full,
    deadlineMs: full ? 180_000 : 60_000, // the emulator gives 100 messages a second of a FIFO queue while it has much to do
    report: (...told: Parameters<typeof lineOf>) => {
      if (form !== undefined) process.stdout.write(`${lineOf(...told)}\n`);
    },
  };
  describe('standard queues', () => {
    testFaults(it.concurrent, { ...harness, name: 'sqs', ordered: false, cannot }, options);
  });
  describe('FIFO queues', () => {
    const once = { F19: 'a FIFO queue takes an id once in 5 minutes: the copies do not arrive' };
    testFaults(it.concurrent, { ...harness, name: 'sqs, FIFO', ordered: true, cannot: { ...cannot, ...once } }, options);
  });
});
