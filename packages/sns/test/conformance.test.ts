import { broker } from '@omnibus/brokers';
import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { memory, memoryBroker } from '@omnibus/memory';
import { afterAll, it } from 'vitest';
import { sns } from '../src/index.js';
import { snsControls, WAIT_MS } from './conformance-controls.js';

const found = await broker('aws');

if (found.available) {
  const { url, region, credentials, version, how, dispose } = found;
  const { controls, close } = snsControls(found);
  const another = memoryBroker({ clock: systemClock }); // what is bridged to and back
  afterAll(async () => {
    close();
    await dispose();
  });
  testTransport(it, {
    name: 'sns',
    broker: `${version ?? 'AWS'}, ${how}`,
    factory: sns,
    definition: () => sns({ endpoint: url, region, credentials, waitMs: WAIT_MS }),
    other: { factory: memory, definition: () => memory({ broker: another }) },
    controls,
    deadlineMs: 60_000,
    volume: 200,
  });
} else testTransport(it, { name: 'sns', notRun: found.reason });
