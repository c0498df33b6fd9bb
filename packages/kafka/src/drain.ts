import type { Clock } from '@omnibus/core/transport';
import { type Assignment, isSettled } from './assignment.js';

/** The last of an assignment: nothing more is handed out, what was is settled. */
export interface Drain {
  /** Resolves when nothing handed out is unsettled any more, when its time is over, or when the lease has ended. */
  readonly done: Promise<void>;
  /** Something was settled, or given back. */
  look(): void;
}

/** Begins to drain an assignment, for at most `ms`. */
export function drainOf(assignment: Assignment, ms: number, clock: Clock): Drain {
  const { signal } = assignment.lease;
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    const timer = clock.timer(ms, () => finish());
    finish = () => {
      timer.cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
  });
  const look = (): void => {
    if (signal.aborted || isSettled(assignment)) finish();
  };
  signal.addEventListener('abort', finish, { once: true });
  setImmediate(look); // what is being handed out in this turn is known by then
  return { done, look };
}
