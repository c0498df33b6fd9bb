/** A timer that is due once. */
export interface Timer {
  /** Idempotent; after it the callback never runs. */
  cancel(): void;
}

/** Time as the engine sees it, so that tests may own it. */
export interface Clock {
  /** Wall time in ms since 1970: for what leaves the process. */
  now(): number;
  /** Ms that only ever grow: for locks, timeouts, measurement. */
  monotonic(): number;
  /** Runs `callback` once after `ms`; keeps the process alive meanwhile only with `ref`. */
  timer(ms: number, callback: () => void, ref?: 'ref'): Timer;
}

const LONGEST_MS = 2_147_483_647; // setTimeout fires at once beyond it

/** The clock of the machine. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(ms: number, callback: () => void, ref?: 'ref') {
    const due = performance.now() + ms;
    let handle: NodeJS.Timeout;
    const arm = (left: number): void => {
      handle = setTimeout(
        () => (performance.now() >= due - 1 ? callback() : arm(due - performance.now())),
        Math.min(Math.max(left, 0), LONGEST_MS),
      );
      if (ref === undefined) handle.unref();
    };
    arm(ms);
    return { cancel: () => clearTimeout(handle) };
  },
});

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.timer(ms, done, 'ref');
    signal?.addEventListener('abort', done, { once: true });
  });
}
