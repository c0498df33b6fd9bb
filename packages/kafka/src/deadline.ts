import type { Clock } from '@omnibus/core/transport';
import { kafkaError } from './errors.js';

/** Most that one answer of the cluster may take. */
export const ANSWER_MS = 15_000;

/** Most that a group waits for its members while it gathers anew. */
export const REBALANCE_MS = 30_000;

/** Most that joining a group may take: its other members have to come along. */
export const JOIN_MS = 50_000;

/** Most that moving the position of a group may take. */
export const SEEK_MS = 25_000;

/** Most that an end may take to close; after it its sockets are left to end by themselves. */
export const CLOSE_MS = 5_000;

/** What `work` gives, or TIMEOUT once `ms` are over; the work itself goes on then. */
export function within<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.timer(ms, () => reject(kafkaError('TIMEOUT', `${what} was not answered within ${ms} ms`)), 'ref');
    void work.then(resolve, reject).finally(() => timer.cancel());
  });
}
