import { type Clock, isMessagingError } from '@omnibus/core/transport';
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
  const late = (): void => ending.abort(sqsError('TIMEOUT', `${where}: no answer within ${ms} ms`, { outcome: 'unknown' }));
  const timer = clock.timer(ms, late, 'ref'); // the error is made then: its stack would cost every call
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    return await work(ending.signal);
  } catch (error) {
    throw isMessagingError(ending.signal.reason, 'TIMEOUT') ? ending.signal.reason : error;
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', end);
  }
}
