import { testTransport } from '@omnibus/conformance';
import { systemClock } from '@omnibus/core/transport';
import { it } from 'vitest';
import { memory, memoryBroker } from '../src/index.js';
import { memoryControls } from './conformance-controls.js';

const broker = memoryBroker({ clock: systemClock });
const another = memoryBroker({ clock: systemClock });

testTransport(it, {
  name: 'memory',
  broker: 'a broker in this process',
  factory: memory,
  definition: () => memory({ broker }),
  other: { factory: memory, definition: () => memory({ broker: another }) },
  controls: memoryControls(broker),
});
