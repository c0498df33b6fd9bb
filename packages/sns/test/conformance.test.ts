import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { sns } from '../src/index.js';
import { snsControls, WAIT_MS } from './conformance-controls.js';

/** A call that is held up is made again after it. */
const CALL_MS = 3_000;

const found = await broker('aws');

// those of the queues beneath, as @omnibus/sqs has them
const COUNTED =
  'SQS counts every time that it hands out a message, also what was given back: with retry: visibility that is an attempt, with retry: copy it is none';
const NO_LINK = 'the scenario asks for a reconnect, and a broker without a link has none (decision 008)';
const PLANES = 'fauxqs 2.4.1 refuses characters beyond U+FFFF, which SQS takes';

if (found.available) {
  const { region, credentials, version, how, dispose } = found;
  const { controls, url, close } = await snsControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    await close();
    await dispose();
  });
  testTransport(it, {
    name: 'sns',
    broker: `${version ?? 'AWS'}, ${how}`,
    factory: sns,
    definition: () => sns({ endpoint: url, region, credentials, waitMs: WAIT_MS, callTimeoutMs: CALL_MS }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 60_000,
    volume: 200,
    knownFailures: { 1: PLANES, 26: COUNTED, 34: COUNTED, 41: COUNTED, 70: COUNTED, 76: NO_LINK },
  });
} else testTransport(it, { name: 'sns', notRun: found.reason });
