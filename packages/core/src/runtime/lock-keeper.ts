import type { Clock, Timer } from '../transport/clock.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Task } from './task.js';

export interface LockKeeperOptions {
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly batch: number;
  /** All tasks of the session, free ones too. */
  readonly tasks: readonly Task[];
  readonly lost: (task: Task) => void;
}

/**
 * Renews the lock of everything that is held, running or waiting, when less than 60 % of it is left. One timer for all,
 * running only while something is held.
 */
export class LockKeeper {
  #o: LockKeeperOptions;
  #periodMs = 0;
  #timer: Timer | undefined;

  constructor(options: LockKeeperOptions) {
    this.#o = options;
  }

  /** Called with what was just received: learns how long a lock holds, and starts the timer. */
  watch(deliveries: readonly Delivery[]): void {
    const until = deliveries[0]?.lockedUntil ?? Number.POSITIVE_INFINITY;
    if (until === Number.POSITIVE_INFINITY) return;
    this.#periodMs = Math.max(this.#periodMs, until - this.#o.clock.monotonic());
    this.#timer ??= this.#o.clock.timer(this.#periodMs / 5, this.#tick);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#o = { ...this.#o, tasks: [] };
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    const { clock, tasks, batch } = this.#o;
    const soon = clock.monotonic() + this.#periodMs * 0.6;
    let held = 0;
    let due: Task[] = [];
    for (const task of tasks) {
      if (task.state === 'free' || task.lost) continue;
      held++;
      if (task.delivery.lockedUntil > soon) continue;
      due.push(task);
      if (due.length === batch) {
        this.#extend(due);
        due = [];
      }
    }
    if (due.length > 0) this.#extend(due);
    if (held > 0) this.#timer = clock.timer(this.#periodMs / 5, this.#tick);
  };

  #extend(tasks: readonly Task[]): void {
    const deliveries = tasks.map((task) => task.delivery);
    // a failure that may pass is met by the next tick; the lock itself says when it is too late
    this.#o.receiver.extend?.(deliveries, this.#periodMs).then(
      (failures) => {
        for (const { index, error } of failures)
          if (error.code === 'LOST') this.#lost(tasks[index] as Task, deliveries[index] as Delivery);
      },
      () => {
        const now = this.#o.clock.monotonic();
        tasks.forEach((task, index) => {
          if ((deliveries[index] as Delivery).lockedUntil <= now) this.#lost(task, deliveries[index] as Delivery);
        });
      },
    );
  }

  #lost(task: Task, delivery: Delivery): void {
    if (task.delivery === delivery && task.state !== 'free') this.#o.lost(task);
  }
}
