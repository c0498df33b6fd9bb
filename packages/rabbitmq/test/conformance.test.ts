import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { CONSUMER_TIMEOUT_MS, rabbitMqControls } from './conformance-controls.js';

const found = await broker('rabbitmq', process.env['OMNIBUS_RABBITMQ_URL'] ? {} : { consumerTimeoutMs: CONSUMER_TIMEOUT_MS });

if (found.available) {
  const { url, version, how, dispose } = found;
  const { controls, close } = await rabbitMqControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name: 'rabbitmq',
    broker: `RabbitMQ ${version ?? 'of unknown version'}, ${how === 'native' ? 'native process' : how}`,
    factory: rabbitmq,
    definition: () => rabbitmq({ url }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 45_000,
    volume: 1_000,
  });
} else testTransport(it, { name: 'rabbitmq', notRun: found.reason });
