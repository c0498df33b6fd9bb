import type { SharingFault } from './fault.js';
import { steady } from './steady.js';

/** Somebody deletes the queue while it is empty, and sending goes on at once: it is declared again, and the consumer is back. */
export const theQueueIsDeleted: SharingFault = {
  id: 'F21',
  title: 'a queue that was deleted is declared again',
  breaks: 'its own',
  run: (field) => steady(field, { at: [[1 / 2, ({ queue, quiet }) => quiet(() => field.broker.remove(queue))]] }),
};
