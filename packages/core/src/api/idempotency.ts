export { type IdempotencyStore, type MemoryStore, type MemoryStoreOptions, memoryStore } from '../emulate/idempotency-store.js';
