import type { Clock } from '@omnibus/core/transport';
import { rabbitMqError } from './errors.js';

/** Most that one answer of the broker may take. A queue of a busy cluster takes seconds to make. */
export const ANSWER_MS = 10_000;

/** Most that a channel or a connection may take to close; after it the socket is what ends it. */
export const CLOSE_MS = 2_000;

/** What `work` gives, or TIMEOUT once `ms` are over; the work itself goes on then. */
export function within<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.timer(ms, () => reject(rabbitMqError('TIMEOUT', `${what} was not answered within ${ms} ms`)), 'ref');
    void work.then(resolve, reject).finally(() => timer.cancel());
  });
}
