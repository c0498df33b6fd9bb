import type { Clock, Timer } from '../transport/clock.js';

/** One timer for many dues: cheap to move to a time that is not earlier, so that a due a message costs nothing. */
export interface Alarm {
  /** Rings at `due` (ms on `Clock.monotonic()`) or before it; whoever is rung looks what is due and asks again. */
  by(due: number): void;
  off(): void;
}

/** Keeps the process alive while it is set. */
export function alarm(clock: Clock, ring: () => void): Alarm {
  let set = Number.POSITIVE_INFINITY;
  let timer: Timer | undefined;
  const fire = (): void => {
    set = Number.POSITIVE_INFINITY;
    timer = undefined;
    ring();
  };
  return {
    by(due) {
      if (due >= set) return;
      timer?.cancel();
      set = due;
      timer = clock.timer(due - clock.monotonic(), fire, 'ref');
    },
    off() {
      timer?.cancel();
      timer = undefined;
      set = Number.POSITIVE_INFINITY;
    },
  };
}
