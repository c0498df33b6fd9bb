import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { afterAll, it } from 'vitest';
import { rabbitmq } from '../src/index.js';
import { rabbitMqControls } from './conformance-controls.js';

const ARGUMENTS =
  'a queue is declared with its dead-letter target by who consumes it and without by who only sends to it, so the second of them does not start (406 on x-dead-letter-exchange)';

const found = await broker('rabbitmq');

if (found.available) {
  const { url, version, how, dispose } = found;
  const { controls, close } = await rabbitMqControls(found);
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name: 'rabbitmq',
    broker: `RabbitMQ ${version ?? 'of unknown version'}, ${how === 'native' ? 'native process' : how}`,
    factory: rabbitmq,
    definition: () => rabbitmq({ url }),
    controls,
    deadlineMs: 45_000,
    volume: 1_000,
    knownFailures: Object.fromEntries([10, 11, 15, 18, 25, 26, 30].map((check) => [check, ARGUMENTS])),
  });
} else testTransport(it, { name: 'rabbitmq', notRun: found.reason });
