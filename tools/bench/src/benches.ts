import type { Bench } from './bench.js';
import { memoryEngine } from './memory-engine.js';
import { memoryFlat } from './memory-flat.js';
import { memoryJson } from './memory-json.js';
import { memoryPublish } from './memory-publish.js';

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [memoryEngine, memoryJson, memoryPublish, memoryFlat];
