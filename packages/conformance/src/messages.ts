import { bytesCodec, exponential, message, type RetryPolicy, textCodec } from '@omnibus/core';

/** A schema without a library: what `accepts` is taken as it stands. */
export interface Shape<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'omnibus-conformance';
    readonly types?: { readonly input: T; readonly output: T };
    validate(value: unknown): { readonly value: T } | { readonly issues: readonly { readonly message: string }[] };
  };
}

/** Values of a type that only the compiler checks, or those that `accepts` accepts. */
export const shape = <T>(accepts: (value: T) => boolean = () => true): Shape<T> => ({
  '~standard': {
    version: 1,
    vendor: 'omnibus-conformance',
    validate: (value) => (accepts(value as T) ? { value: value as T } : { issues: [{ message: 'it is not as it should be' }] }),
  },
});

/** The plainest message: a number to tell one from the other. */
export const Note = message('conformance.note', shape<{ readonly n: number }>(isNote));

/** Another type with the same content. */
export const Memo = message('conformance.memo', shape<{ readonly n: number }>(isNote));

/** Bytes as they are. */
export const Bytes = message('conformance.bytes', shape<Uint8Array>(), { codec: bytesCodec });

/** Text as it is. */
export const Text = message('conformance.text', shape<string>(), { codec: textCodec });

function isNote(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Number.isFinite((value as { n?: unknown }).n);
}

/** No retry: for consumers that use what stands, and no retry channel does. */
export const once: RetryPolicy = exponential({ attempts: 1 });

/** Retries that follow at once: for scenarios that are about what happens, not about when. */
export const soon: RetryPolicy = exponential({ attempts: 5, firstMs: 10, maxMs: 20, jitter: 'none' });
