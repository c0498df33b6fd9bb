import { randomUUID } from 'node:crypto';
import type { ClaimPointer } from '../codec/pointer.js';
import { MessagingError } from '../transport/errors.js';
import type { ClaimStore } from './claim-store.js';

/** A ClaimStore of one process, for tests: bodies live as long as it does. */
export interface MemoryClaimStore extends ClaimStore {
  /** What it keeps, by key. A test may take objects away. */
  readonly objects: Map<string, Uint8Array>;
}

/** Makes a store in memory. Apps that share it must be given the same one, as those of one bucket would be. */
export function memoryClaimStore(): MemoryClaimStore {
  const name = 'memory';
  const objects = new Map<string, Uint8Array>();
  const mine = ({ bucket }: ClaimPointer): void => {
    if (bucket !== name)
      throw new MessagingError('INVALID', `the pointer names bucket "${bucket}", and this store has "${name}" only`);
  };
  return {
    name,
    objects,
    async put(body) {
      const key = randomUUID();
      objects.set(key, Uint8Array.from(body));
      return { bucket: name, key };
    },
    async get(pointer, { maxBytes }) {
      mine(pointer);
      const found = objects.get(pointer.key);
      if (found === undefined) throw new MessagingError('NOT_FOUND', `there is no object "${pointer.key}"`);
      if (found.length > maxBytes)
        throw new MessagingError(
          'TOO_LARGE',
          `object "${pointer.key}" has ${found.length} bytes, and at most ${maxBytes} are taken`,
        );
      return Uint8Array.from(found);
    },
    async delete(pointer) {
      mine(pointer);
      objects.delete(pointer.key);
    },
  };
}
