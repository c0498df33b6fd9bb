import { broker } from '@omnibus/brokers';
import { conformanceHarness } from '@omnibus/brokers/aws-suite';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { backstopOf, queueName } from '@omnibus/sqs';
import { afterAll, it } from 'vitest';
import { sns } from '../src/index.js';
import { topicRemover } from './topic-remover.js';

const found = await broker('aws');

if (found.available) {
  const { harness, close } = await conformanceHarness(found, { define: sns, queueName, backstopOf });
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  const topics = topicRemover(found);
  afterAll(async () => {
    await close();
    topics.close();
    await found.dispose();
  });
  testTransport(it, {
    ...harness,
    controls: {
      ...harness.controls,
      remove: (object) => (object.kind === 'topic' ? topics.remove(object.address) : harness.controls.remove(object)),
    },
    name: 'sns',
    factory: sns,
    other: { factory: memory, definition: () => memory({ broker: another }) },
  });
} else testTransport(it, { name: 'sns', notRun: found.reason });
