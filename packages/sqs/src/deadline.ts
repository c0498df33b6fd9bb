import type { Clock } from '@omnibus/core/transport';
import { sqsError } from './errors.js';

/**
 * What `work` gives, or TIMEOUT with an unknown outcome once `ms` are over, whether it heeds its signal or not; the signal aborts then,
 * and when `signal` does. Nothing is left behind when it ends.
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
  let late = (): void => undefined;
  const overdue = new Promise<never>((_, reject) => {
    late = () => {
      const error = sqsError('TIMEOUT', `${where}: no answer within ${ms} ms`, { outcome: 'unknown' });
      reject(error); // before the work does
      ending.abort(error);
    };
  });
  const timer = clock.timer(ms, () => late(), 'ref'); // the error is made then: its stack would cost every call
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted === true) end();
  try {
    return await Promise.race([work(ending.signal), overdue]); // the AWS SDK waits for credentials however long it takes
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', end);
  }
}
