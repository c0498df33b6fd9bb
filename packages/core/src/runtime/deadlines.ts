import type { Clock, Timer } from '../transport/clock.js';
import type { MessageContext } from './context.js';
import { Fifo } from './fifo.js';
import type { Task } from './task.js';

interface Entry {
  readonly due: number;
  readonly task: Task;
  readonly context: MessageContext | undefined;
}

const LEAST_KEPT = 256;

/** Handler timeouts of one length: starting order is due order, so one timer and a queue serve all of them. */
export interface Deadlines {
  watch(task: Task): void;
  close(): void;
}

export function deadlines(timeoutMs: number, clock: Clock, expire: (task: Task) => void): Deadlines {
  const entries = new Fifo<Entry>();
  let most = LEAST_KEPT;
  let timer: Timer | undefined;
  const stillRuns = (entry: Entry): boolean => entry.task.state === 'running' && entry.task.context === entry.context;
  const sweep = (): void => {
    timer = undefined;
    const now = clock.monotonic();
    for (let entry = entries.peek(); entry !== undefined; entry = entries.peek()) {
      if (stillRuns(entry) && entry.due > now) {
        timer = clock.timer(entry.due - now, sweep);
        return;
      }
      entries.shift();
      if (stillRuns(entry)) expire(entry.task);
    }
  };
  return {
    watch(task) {
      if (entries.size >= most) {
        entries.keep(stillRuns); // those that ended would keep their messages in memory until they are due
        most = 2 * entries.size + LEAST_KEPT;
      }
      entries.push({ due: clock.monotonic() + timeoutMs, task, context: task.context });
      timer ??= clock.timer(timeoutMs, sweep);
    },
    close() {
      timer?.cancel();
      entries.keep(() => false);
    },
  };
}
