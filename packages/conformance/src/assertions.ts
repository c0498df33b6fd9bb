import { ok } from 'node:assert/strict';
import { type ErrorCode, isMessagingError, type MessagingError } from '@omnibus/core';

/** The error that the work rejects with, which has to be a MessagingError of this code. */
export async function rejection(code: ErrorCode, work: Promise<unknown>): Promise<MessagingError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown ?? new Error('rejected with nothing'),
  );
  ok(error !== undefined, `it was to reject with ${code}, and it resolved`);
  if (isMessagingError(error, code)) return error;
  throw new Error(`it was to reject with ${code}, and it rejected with something else`, { cause: error });
}

/** How often each item occurs. */
export function counted<T>(items: Iterable<T>): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The numbers of notes, ascending: what was handled, whatever the order. */
export const numbersOf = ({ payloads }: { readonly payloads: readonly { readonly n: number }[] }): number[] =>
  payloads.map(({ n }) => n).sort((one, other) => one - other);

/** `0, 1, … count - 1`, each turned into an item. */
export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** The numbers, smallest first. */
export const ascending = (numbers: readonly number[]): readonly number[] => numbers.toSorted((one, other) => one - other);
