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
  });
} else testTransport(it, { name: 'sns', notRun: found.reason });
