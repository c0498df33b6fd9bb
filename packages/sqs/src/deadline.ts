import type { Clock } from '@omnibus/core/transport';
import { sqsError } from './errors.js';

/**
 * What `work` gives, or TIMEOUT with an unknown outcome once `ms` are over; its signal aborts then, and when `signal` does.
 * Nothing is left behind when it ends.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  where: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const end = (): void => ending.abort(signal?.reason);
  const late = sqsError('TIMEOUT', `${where}: no answer within ${ms} ms`, { outcome: 'unknown' });
  const timer = clock.timer(ms, () => ending.abort(late), 'ref');
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    return await work(ending.signal);
  } catch (error) {
    throw ending.signal.reason === late ? late : error;
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', end);
  }
}
