import { testTransport } from '@omnibus/conformance';
import { type Channel, type Feature, type Limits, type Subscription, systemClock } from '@omnibus/core/transport';
import { it } from 'vitest';
import { memoryCapabilities } from '../src/capabilities.js';
import { memory, memoryBroker } from '../src/index.js';
import { memoryControls } from './conformance-controls.js';

// The weakest broker that the core still works on: whatever can be emulated is, and the rest is refused.
const broker = memoryBroker({ clock: systemClock });
const another = memoryBroker({ clock: systemClock });
const own = memoryCapabilities();

const WITHOUT: readonly Feature[] = [
  ...([
    'settleEach',
    'retry',
    'retryDelay',
    'release',
    'reject',
    'lock',
    'delay',
    'ordering',
    'dedup',
    'ttl',
    'priority',
  ] as const),
  ...(['replay', 'temporary', 'filter', 'wildcard', 'transaction'] as const),
];

const LIMITS: Partial<Limits> = {
  sendBatch: 10,
  sendBytes: 262_144,
  receiveBatch: 10,
  settleBatch: 10,
  headers: { count: 10, bytes: 65_536, name: /^[A-Za-z0-9_.-]+$/, empty: false },
};

const capabilities = (endpoint: Channel | Subscription) => {
  const { native, limits, caveats } = own(endpoint);
  return { native, caveats, limits: { ...limits, ...LIMITS } };
};

// its locks never end
const { shortLock: _, ...controls } = memoryControls(broker);

testTransport(it, {
  name: 'memory-bare',
  broker: 'a queue in this process that can do nothing but keep messages, ten headers each, and hand them out in order',
  factory: memory,
  definition: () => memory({ broker, without: WITHOUT, capabilities }),
  other: { factory: memory, definition: () => memory({ broker: another }) },
  controls,
  volume: 1_000,
});
