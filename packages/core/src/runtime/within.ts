import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';

/**
 * What `step` gives, but no later than `ms`: then a CONNECTION error that names `what`, or CLOSED at once when the signal
 * aborts. What the step still does after that, even fail, is ignored.
 */
export function within<T>(clock: Clock, ms: number, what: string, step: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', aborted);
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const aborted = (): void => fail(new MessagingError('CLOSED', `${what} was given up`, { cause: signal?.reason }));
    const timer = clock.timer(
      ms,
      () => fail(new MessagingError('CONNECTION', `${what} did not finish within ${ms} ms`, { outcome: 'unknown' })),
      'ref',
    );
    if (signal?.aborted === true) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    const run = async (): Promise<T> => step();
    run().then((value) => {
      stop();
      resolve(value);
    }, fail);
  });
}
