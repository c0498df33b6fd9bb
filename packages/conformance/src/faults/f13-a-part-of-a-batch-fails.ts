import { exponential } from '@omnibus/core';
import type { Fault } from './fault.js';
import { steady } from './steady.js';

/** A queue that is full refuses single messages of a batch: they are sent again, the others are not. */
export const aPartOfABatchFails: Fault = {
  id: 'F13',
  title: 'of a batch that fails in part only the failures are sent again',
  run: (field) =>
    steady(field, { smallQueue: 50, concurrency: 8, outstanding: 400, provision: 'assume', retry: exponential({ attempts: 1 }) }),
};
