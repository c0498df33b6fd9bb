import { deepEqual } from 'node:assert/strict';

/** Which key message `n` has where messages take turns between `keys` keys. */
export const keyOf =
  (keys: number) =>
  ({ n }: { readonly n: number }): string =>
    `key ${n % keys}`;

/**
 * Looks at the first handling of each message, in the order of handling: per key it is the order sent, and none is missing.
 * What is handled again does not count.
 */
export function inOrderPerKey(handled: readonly number[], sent: number, keys: number): void {
  const firsts = [...new Set(handled)];
  for (let key = 0; key < keys; key++) {
    const ofKey = Array.from({ length: sent }, (_, n) => n).filter((n) => n % keys === key);
    deepEqual(
      firsts.filter((n) => n % keys === key),
      ofKey,
      `the first handling of each message of key ${key}`,
    );
  }
}
