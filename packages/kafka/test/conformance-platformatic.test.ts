import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { kafka } from '../src/index.js';
import { kafkaControls } from './conformance-controls.js';

const found = await broker('kafka', process.env['OMNIBUS_KAFKA_URL'] ? {} : { acls: true });

if (found.available) {
  const { brokers, version, how, dispose } = found;
  const { controls, close } = await kafkaControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name: 'kafka-platformatic',
    broker: `Apache Kafka ${version ?? 'of unknown version'}, ${how === 'native' ? 'native process' : how}, by @platformatic/kafka`,
    factory: kafka,
    definition: () => kafka({ url: brokers, client: 'platformatic', sessionTimeoutMs: 6_000 }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    linkless: true, // the client mends its connections by itself
    deadlineMs: 60_000,
    volume: 200,
  });
} else testTransport(it, { name: 'kafka-platformatic', notRun: found.reason });
