import type { Clock, Timer } from '../transport/clock.js';
import { isMessagingError, MessagingError, textOf } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import { ACK, RELEASE, type Verdict } from '../transport/verdict.js';
import type { SettleHook } from './hooks.js';
import type { Task } from './task.js';

export interface SettlerOptions {
  readonly receiver: Receiver;
  readonly batch: number;
  readonly clock: Clock;
  readonly hook: SettleHook | undefined;
  /** The broker has them. */
  readonly done: (tasks: readonly Task[]) => void;
  /** It came too late: the message comes again. */
  readonly lost: (task: Task, error: MessagingError) => void;
}

interface Group {
  readonly verdict: Verdict;
  tasks: Task[];
  deliveries: Delivery[];
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Gathers verdicts of one session and settles them in batches: all that one turn of the event loop decided goes in one
 * call a verdict. What fails for the moment is tried again until the delivery is lost.
 */
export class Settler {
  readonly #o: SettlerOptions;
  readonly #acks: Group = { verdict: ACK, tasks: [], deliveries: [] };
  readonly #others = new Map<string, Group>();
  readonly #pauses = new Set<Timer>();
  #scheduled = false;
  #calls = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: SettlerOptions) {
    this.#o = options;
  }

  add(task: Task, verdict: Verdict): void {
    const group = verdict === ACK ? this.#acks : this.#group(verdict);
    group.tasks.push(task);
    group.deliveries.push(task.delivery);
    if (group.tasks.length >= this.#o.batch) this.#send(group);
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#flush);
    }
  }

  /** Resolves when nothing is under way, be it settled or lost. */
  async idle(): Promise<void> {
    while (this.#scheduled || this.#calls > 0 || this.#pauses.size > 0)
      await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** The link is gone: what waits is lost. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#pauses) timer.cancel();
    this.#pauses.clear();
    this.#wake();
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#acks.tasks.length > 0) this.#send(this.#acks);
    if (this.#others.size > 0) {
      for (const group of this.#others.values()) this.#send(group);
      this.#others.clear();
    }
    this.#wake();
  };

  #group(verdict: Verdict): Group {
    const name =
      verdict.type === 'retry'
        ? `${verdict.delayMs}:${verdict.attempts ?? 0}`
        : verdict.type === 'release'
          ? 'release'
          : `reject:${this.#others.size}`;
    let group = this.#others.get(name);
    if (group === undefined) {
      group = { verdict: verdict.type === 'release' ? RELEASE : verdict, tasks: [], deliveries: [] };
      this.#others.set(name, group);
    }
    return group;
  }

  #send(group: Group): void {
    const { tasks, deliveries, verdict } = group;
    group.tasks = [];
    group.deliveries = [];
    if (tasks.length > 0) this.#settle(tasks, deliveries, verdict, FIRST_PAUSE_MS);
  }

  #settle(tasks: Task[], deliveries: Delivery[], verdict: Verdict, pauseMs: number): void {
    if (this.#closed) {
      for (const task of tasks) this.#o.lost(task, GONE);
      return;
    }
    this.#calls++;
    this.#call(deliveries, verdict).then(
      (failures) => {
        this.#calls--;
        if (failures.length === 0) this.#o.done(tasks);
        else this.#sort(tasks, deliveries, verdict, failures, pauseMs);
        if (this.#calls === 0) this.#wake();
      },
      (error: unknown) => {
        this.#calls--;
        const failure = isMessagingError(error)
          ? error
          : new MessagingError('LOST', `settle failed: ${textOf(error)}`, { cause: error });
        this.#sort(
          tasks,
          deliveries,
          verdict,
          tasks.map((_, index) => ({ index, error: failure })),
          pauseMs,
        );
        if (this.#calls === 0) this.#wake();
      },
    );
  }

  async #call(deliveries: readonly Delivery[], verdict: Verdict): Promise<readonly { index: number; error: MessagingError }[]> {
    const { receiver, hook } = this.#o;
    if (hook === undefined) return receiver.settle(deliveries, verdict);
    let failures: Awaited<ReturnType<Receiver['settle']>> = [];
    await hook(deliveries.length, verdict.type, async () => {
      failures = await receiver.settle(deliveries, verdict);
    });
    return failures;
  }

  /** What may work later is tried again, after a pause; the rest is lost. */
  #sort(
    tasks: Task[],
    deliveries: Delivery[],
    verdict: Verdict,
    failures: readonly { readonly index: number; readonly error: MessagingError }[],
    pauseMs: number,
  ): void {
    const failed = new Map(failures.map(({ index, error }) => [index, error]));
    const again: number[] = [];
    const done: Task[] = [];
    tasks.forEach((task, index) => {
      const error = failed.get(index);
      if (error === undefined) done.push(task);
      else if (error.retryable && error.code !== 'CONNECTION' && !task.lost && !this.#closed) again.push(index);
      else this.#o.lost(task, error);
    });
    if (done.length > 0) this.#o.done(done);
    if (again.length === 0) return;
    const timer = this.#o.clock.timer(pauseMs, () => {
      this.#pauses.delete(timer);
      this.#settle(
        again.map((index) => tasks[index] as Task),
        again.map((index) => deliveries[index] as Delivery),
        verdict,
        Math.min(pauseMs * 2, LONGEST_PAUSE_MS),
      );
    });
    this.#pauses.add(timer);
  }

  #wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

const GONE = new MessagingError('LOST', 'the link that delivered the message is gone');
