import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { sqs } from '../src/index.js';
import { sqsControls, WAIT_MS } from './conformance-controls.js';

const found = await broker('aws');

const EMULATOR =
  'fauxqs differs from SQS and SNS: one FIFO message of a group a receive, no IAM, no limits of messages in flight, deduplication for the whole queue';

const COUNTED =
  'SQS counts every time that it hands out a message, also what was given back: with retry: visibility that is an attempt, with retry: copy it is none';

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
    ...(how === 'environment' ? {} : { emulator: EMULATOR }),
    factory: sqs,
    definition: () => sqs({ endpoint: url, region, credentials, waitMs: WAIT_MS }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 60_000,
    volume: 200,
    countsGivenBack: COUNTED,
    linkless: true,
  });
} else testTransport(it, { name: 'sqs', notRun: found.reason });
