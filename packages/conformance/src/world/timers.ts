import { type Clock, systemClock } from '@omnibus/core/transport';

/** The system's clock, and how many of its timers wait. */
export interface Timers {
  readonly clock: Clock;
  /** 0 once everything that used the clock is closed. */
  readonly pending: number;
}

/** A clock that counts. */
export function timers(): Timers {
  const waiting = new Set<object>();
  const clock: Clock = {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic(),
    timer(ms, callback, ref) {
      const entry = {};
      waiting.add(entry);
      const timer = systemClock.timer(
        ms,
        () => {
          waiting.delete(entry);
          callback();
        },
        ref,
      );
      return {
        cancel() {
          waiting.delete(entry);
          timer.cancel();
        },
      };
    },
  };
  return {
    clock,
    get pending() {
      return waiting.size;
    },
  };
}
