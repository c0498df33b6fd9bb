import type { Clock, Timer } from './clock.js';

interface Entry {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on, running every timer that falls due in order; between two timers all that is ready to run runs. `rest` says
   * when that is done; default: after three turns of the event loop.
   */
  advance(ms: number, rest?: () => Promise<void>): Promise<void>;
  /** Timers that wait: 0 after a clean close. */
  readonly pending: number;
}

/** One turn of the event loop: every promise that is ready has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const threeTurns = async (): Promise<void> => {
  for (let turns = 0; turns < 3; turns++) await turn();
};

/** Makes a clock that starts at `startMs` (default: 2026-01-01). */
export function virtualClock(startMs = 1_767_225_600_000): VirtualClock {
  const entries = new Set<Entry>();
  let elapsed = 0;
  let order = 0;
  const next = (until: number): Entry | undefined => {
    let first: Entry | undefined;
    for (const entry of entries) {
      if (
        entry.due <= until &&
        (first === undefined || entry.due < first.due || (entry.due === first.due && entry.order < first.order))
      )
        first = entry;
    }
    return first;
  };
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    timer(ms, callback): Timer {
      const entry: Entry = { due: elapsed + Math.max(0, ms), order: order++, callback };
      entries.add(entry);
      return { cancel: () => void entries.delete(entry) };
    },
    async advance(ms, rest = threeTurns) {
      const end = elapsed + ms;
      await rest();
      for (let entry = next(end); entry !== undefined; entry = next(end)) {
        entries.delete(entry);
        elapsed = Math.max(elapsed, entry.due);
        entry.callback();
        await rest();
      }
      elapsed = end;
    },
    get pending() {
      return entries.size;
    },
  };
}
