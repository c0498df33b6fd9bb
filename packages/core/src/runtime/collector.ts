import type { Clock, Timer } from '../transport/clock.js';
import type { Handler } from './handler.js';
import type { Task } from './task.js';

/** Messages that wait to be handled together. */
export interface Collector {
  readonly handler: Handler;
  /** Full, or its first message has waited long enough: it should go as soon as a slot is free. */
  readonly due: boolean;
  add(task: Task): void;
  /** Up to one batch; the collector starts anew with the rest. */
  take(): Task[];
  /** Forgets what does not pass the test. */
  keep(test: (task: Task) => boolean): void;
}

/** `onDue` is called when waiting is over; whoever adds looks whether it is full. */
export function collector(handler: Handler, clock: Clock, onDue: () => void): Collector {
  let tasks: Task[] = [];
  let timer: Timer | undefined;
  let waited = false;
  // also for waitMs 0: one turn later, so that what was received together is handled together
  const arm = (): void => {
    timer ??= clock.timer(handler.waitMs, () => {
      waited = true;
      onDue();
    });
  };
  const restart = (rest: Task[]): void => {
    tasks = rest;
    timer?.cancel();
    timer = undefined;
    waited = false;
    if (tasks.length > 0) arm();
  };
  return {
    handler,
    get due() {
      return tasks.length > 0 && (waited || tasks.length >= handler.batch);
    },
    add(task) {
      tasks.push(task);
      arm();
    },
    take() {
      const batch = tasks.slice(0, handler.batch);
      restart(tasks.slice(handler.batch));
      return batch;
    },
    keep: (test) => restart(tasks.filter(test)),
  };
}
