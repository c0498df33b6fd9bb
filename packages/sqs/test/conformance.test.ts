import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { sqs } from '../src/index.js';
import { sqsControls, WAIT_MS } from './conformance-controls.js';

const found = await broker('aws');

const COUNTED =
  'SQS counts every time that it hands out a message, also what was given back: with retry: visibility that is an attempt, with retry: copy it is none';

const NO_LINK = 'the scenario asks for a reconnect, and a broker without a link has none (decision 008)';

const PLANES = 'fauxqs 2.4.1 refuses characters beyond U+FFFF, which SQS takes';

if (found.available) {
  const { region, credentials, version, how, dispose } = found;
  const { controls, url, close } = await sqsControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name: 'sqs',
    broker: `${version ?? 'AWS'}, ${how}`,
    factory: sqs,
    definition: () => sqs({ endpoint: url, region, credentials, waitMs: WAIT_MS }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 60_000,
    volume: 200,
    knownFailures: { 1: PLANES, 26: COUNTED, 34: COUNTED, 41: COUNTED, 70: COUNTED, 76: NO_LINK },
  });
} else testTransport(it, { name: 'sqs', notRun: found.reason });
