import { broker } from '@omnibus/brokers';
import { conformanceHarness } from '@omnibus/brokers/aws-suite';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { backstopOf, queueName, sqs } from '../src/index.js';

const found = await broker('aws');

if (found.available) {
  const { harness, close } = await conformanceHarness(found, { define: sqs, queueName, backstopOf });
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await found.dispose();
  });
  testTransport(it, {
    ...harness,
    name: 'sqs',
    factory: sqs,
    other: { factory: memory, definition: () => memory({ broker: another }) },
  });
} else testTransport(it, { name: 'sqs', notRun: found.reason });
