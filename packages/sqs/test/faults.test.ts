import { broker } from '@omnibus/brokers';
import { faultHarness } from '@omnibus/brokers/aws-suite';
import { type FaultHarness, forkConsumer, lineOf, testFaults } from '@omnibus/conformance';
import { afterAll, describe, it } from 'vitest';
import { backstopOf, queueName, sqs } from '../src/index.js';

const found = await broker('aws');
const notRun = found.available ? '' : ` [not run: ${found.reason}]`;
/** `full`: many messages and long freezes. Anything tells the counters. */
const form = process.env['OMNIBUS_FAULTS'];
const full = form === 'full';

describe.skipIf(!found.available)(`SQS and its faults${notRun}`, () => {
  if (!found.available) return;
  const { harness: common, close } = faultHarness(found, { define: sqs, queueName, backstopOf });
  afterAll(async () => {
    close();
    await found.dispose();
  });
  const harness: Omit<FaultHarness, 'name' | 'ordered'> = {
    ...common,
    factory: sqs,
    process: (script) => forkConsumer(new URL('./support/consumer-process.ts', import.meta.url), script),
  };
  const cannot = {
    F22: 'SQS cancels no consumer: each receive stands for itself',
    F25: 'SQS blocks no publishers: it throttles (F12)',
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
