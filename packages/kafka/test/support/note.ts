import { message } from '@omnibus/core';

interface Payload {
  readonly n: number;
}

/** Any payload passes its schema. */
export const Note = message('note', {
  '~standard': {
    version: 1 as const,
    vendor: 'tests',
    validate: (value: unknown) => ({ value: value as Payload }),
    types: undefined as { readonly input: Payload; readonly output: Payload } | undefined,
  },
});
