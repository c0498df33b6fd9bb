import { defineTransport } from '@omnibus/core/transport';
import { memoryTransport } from './memory.js';
import { type MemoryOptions, options, type ResolvedOptions } from './options.js';

export { type MemoryBroker, memoryBroker } from './broker.js';
export type { Counts, GroupInspection, Inspection } from './broker-object.js';
export type { MemoryOptions } from './options.js';

/** The memory transport: a broker inside this process, with every guarantee except that it ends with the process. */
export const memory = defineTransport<MemoryOptions, ResolvedOptions>({ transport: 'memory', options, create: memoryTransport });
