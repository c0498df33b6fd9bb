import type { Clock } from '../transport/clock.js';

/** First pause before something that failed is tried again. */
export const FIRST_PAUSE_MS = 1_000;
/** Longest such pause; between the two each is twice the one before. */
const LONGEST_PAUSE_MS = 30_000;

/** The pause after so many failures in a row (1 = the first). */
export function pauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/** Resolves after `ms`, or as soon as one of the signals aborts; never rejects. */
export function pause(clock: Clock, ms: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  if (ms <= 0 || signals.some((signal) => signal?.aborted === true)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      for (const signal of signals) signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.timer(ms, done, 'ref');
    for (const signal of signals) signal?.addEventListener('abort', done, { once: true });
  });
}

/** A place to wait until something changes. */
export interface Gate {
  /** Lets everyone through who waits now. */
  open(): void;
  /** Resolves at the next `open`, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a gate. */
export function gate(clock: Clock): Gate {
  let next: AbortController | undefined;
  return {
    open() {
      next?.abort();
      next = undefined;
    },
    wait(ms, signal) {
      next ??= new AbortController();
      return pause(clock, ms, [next.signal, signal]);
    },
  };
}
