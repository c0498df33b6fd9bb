import { message, queue } from '@omnibus/core';
import type { Sample } from './counts.js';

/** A schema by hand, so that the kit depends on none. */
const sample = {
  '~standard': {
    version: 1,
    vendor: 'omnibus',
    validate: (value: unknown) => {
      const { id, key, n } = (value ?? {}) as Partial<Record<keyof Sample, unknown>>;
      if (typeof id === 'string' && typeof key === 'string' && typeof n === 'number') return { value: { id, key, n } };
      return { issues: [{ message: 'not a sample' }] };
    },
    types: undefined as { readonly input: Sample; readonly output: Sample } | undefined,
  },
} as const;

export const Work = message('work', sample);

/** The channel of one run. `ordered`: its keys keep their order. */
export const workQueue = (name: string, ordered: boolean) => queue(name, { messages: [Work], key: ({ key }) => key, ordered });
