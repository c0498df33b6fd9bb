import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { kafka } from '../../src/index.js';
import type { CLIENTS } from '../broker.js';
import { kafkaControls } from '../conformance-controls.js';

/** The conformance suite on a Kafka of its own, by one of the clients. */
export async function testKafka(name: string, client: (typeof CLIENTS)[number], by = ''): Promise<void> {
  const found = await broker('kafka', process.env['OMNIBUS_KAFKA_URL'] ? {} : { acls: true });
  if (!found.available) return testTransport(it, { name, notRun: found.reason });
  const { brokers, version, how, dispose } = found;
  const { controls, close } = await kafkaControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name,
    broker: `Apache Kafka ${version ?? 'of unknown version'}, ${how === 'native' ? 'native process' : how}${by}`,
    factory: kafka,
    definition: () => kafka({ url: brokers, client, sessionTimeoutMs: 6_000 }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    linkless: true, // either client mends its connections by itself
    deadlineMs: 60_000,
    volume: 200,
  });
}
