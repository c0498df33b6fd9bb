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
const EMULATOR =
  'fauxqs differs from SQS and SNS: one FIFO message of a group a receive, no IAM, no limits of messages in flight, deduplication for the whole queue';

const COUNTED =
  'SQS counts every time that it hands out a message, also what was given back: with retry: visibility that is an attempt, with retry: copy it is none';
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
    ...(how === 'environment' ? {} : { emulator: EMULATOR }),
    factory: sns,
    definition: () => sns({ endpoint: url, region, credentials, waitMs: WAIT_MS, callTimeoutMs: CALL_MS }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 60_000,
    volume: 200,
    countsGivenBack: COUNTED,
    linkless: true,
  });
} else testTransport(it, { name: 'sns', notRun: found.reason });
