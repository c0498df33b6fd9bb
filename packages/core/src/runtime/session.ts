import type { Limits } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import { MessagingError as Failure } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Verdict } from '../transport/verdict.js';
import type { Executor } from './executor.js';
import type { SettleHook } from './hooks.js';
import { LockKeeper } from './lock-keeper.js';
import { Pump } from './pump.js';
import { Settler } from './settler.js';
import type { ConsumerStats } from './stats.js';
import type { Task } from './task.js';

export interface SessionOptions {
  readonly receiver: Receiver;
  readonly executor: Executor;
  readonly limits: Limits;
  readonly window: number;
  readonly ordered: boolean;
  readonly clock: Clock;
  readonly stats: ConsumerStats;
  readonly hook: SettleHook | undefined;
  /** The receiver failed, or has to be opened anew: the link decides how. */
  readonly failed: (error: MessagingError) => void;
}

/** The life of one receiver: what it delivered is settled through it or not at all. */
export class Session {
  readonly #o: SessionOptions;
  readonly #tasks: Task[] = [];
  readonly #free: Task[] = [];
  readonly #pump: Pump;
  readonly #settler: Settler;
  readonly #keeper: LockKeeper | undefined;
  readonly #leases = new Map<AbortSignal, () => void>();
  #lockMs = Number.POSITIVE_INFINITY;
  #closing: Promise<void> | undefined;
  alive = true;

  constructor(options: SessionOptions) {
    const { receiver, limits, clock, window } = options;
    this.#o = options;
    this.#settler = new Settler({
      receiver,
      batch: limits.settleBatch,
      clock,
      hook: options.hook,
      done: this.#done,
      lost: this.#settledLate,
    });
    this.#pump = new Pump({
      receiver,
      window,
      held: () => options.stats.held,
      batch: limits.receiveBatch,
      calls: limits.receiveCalls,
      take: (deliveries) => this.#take(deliveries),
      failed: (error) => this.alive && options.failed(error),
    });
    this.#keeper =
      receiver.extend === undefined
        ? undefined
        : new LockKeeper({ receiver, clock, batch: limits.settleBatch, tasks: this.#tasks, lost: (task) => this.#lose(task) });
  }

  start(): void {
    this.#pump.start();
  }
  /** Asks for nothing more; resolves when no receive call is open. */
  halt(): Promise<void> {
    return this.#pump.stop();
  }

  settle(task: Task, verdict: Verdict): void {
    task.state = 'settling';
    this.#settler.add(task, verdict);
  }

  /** A lock that cannot be renewed is half over: handling it now may end too late. */
  tooOld(delivery: Delivery): boolean {
    return (
      this.#keeper === undefined &&
      delivery.lockedUntil !== Number.POSITIVE_INFINITY &&
      this.#o.clock.monotonic() > delivery.lockedUntil - this.#lockMs / 2
    );
  }

  /** Gives everything back by closing the receiver; the link opens another. */
  restart(why: string): void {
    if (this.alive) this.#o.failed(new Failure('LOST', why));
  }

  /** A task that stands in for one whose handler is still running but timed out. */
  replace(task: Task): Task {
    const twin = this.#o.executor.task(this);
    Object.assign(twin, {
      state: task.state,
      delivery: task.delivery,
      lane: task.lane,
      handler: task.handler,
      context: task.context,
      first: task.first,
      failures: task.failures,
      lost: task.lost,
    });
    if (task.lane?.head === task) task.lane.head = twin;
    task.state = 'abandoned';
    this.#tasks[this.#tasks.indexOf(task)] = twin;
    return twin;
  }

  /** A lost task ended: its place in the window is free. */
  forget(task: Task): void {
    const index = this.#tasks.indexOf(task);
    if (index < 0) return;
    this.#tasks.splice(index, 1);
    if (this.alive) this.#release(1);
  }

  /** Waits until all verdicts have reached the broker. */
  settled(): Promise<void> {
    return this.#settler.idle();
  }

  /** Ends it: handlers that still run are told by their signal, and what they return counts no more. Idempotent. */
  close(reason: unknown): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: unknown): Promise<void> {
    const pumped = this.#pump.stop();
    this.alive = false;
    this.#keeper?.close();
    this.#settler.close();
    for (const [lease, stop] of this.#leases) lease.removeEventListener('abort', stop);
    this.#leases.clear();
    for (const task of this.#tasks) {
      if (task.state === 'free') continue;
      task.timer?.cancel();
      task.lost = true;
      task.context?.abort(reason);
    }
    this.#o.stats.held = 0;
    this.#o.executor.purge();
    await this.#o.receiver.close();
    await pumped;
  }

  #take(deliveries: readonly Delivery[]): void {
    if (!this.alive) return; // the receiver gives them back when it closes
    const tasks = new Array<Task>(deliveries.length);
    const { stats } = this.#o;
    stats.received += deliveries.length;
    stats.held += deliveries.length;
    for (let index = 0; index < deliveries.length; index++) {
      const delivery = deliveries[index] as Delivery;
      const task = this.#free.pop() ?? this.#make();
      task.delivery = delivery;
      task.state = 'ready';
      tasks[index] = task;
      if (delivery.lease !== undefined && !this.#leases.has(delivery.lease)) this.#lease(delivery.lease);
    }
    if (this.#keeper !== undefined) this.#keeper.watch(deliveries);
    else if (this.#lockMs === Number.POSITIVE_INFINITY)
      this.#lockMs = (deliveries[0] as Delivery).lockedUntil - this.#o.clock.monotonic();
    this.#o.executor.enter(tasks);
  }

  #make(): Task {
    const task = this.#o.executor.task(this);
    this.#tasks.push(task);
    return task;
  }

  #lease(lease: AbortSignal): void {
    const end = (): void => {
      this.#leases.delete(lease);
      for (const task of [...this.#tasks]) if (task.state !== 'free' && task.delivery.lease === lease) this.#lose(task);
    };
    this.#leases.set(lease, end);
    lease.addEventListener('abort', end, { once: true });
    if (lease.aborted) end();
  }

  /** The broker may give it to another already: its handler is told, and what does not run yet is dropped. */
  #lose(task: Task): void {
    if (task.lost || task.state === 'free') return;
    task.lost = true;
    task.timer?.cancel();
    task.context?.abort(new Failure('LOST', 'the lock or lease of this message is gone: it is delivered again'));
    const behind = task.lane?.followers.drain() ?? []; // the broker may give the key to another: its whole lane is lost
    for (const follower of behind) this.#lose(follower);
    if (task.state === 'running' || task.state === 'settling') return; // its own end forgets it
    if (task.lane?.head === task) return this.#o.executor.drop(task);
    this.#o.executor.purge();
    this.#o.stats.lost++;
    this.forget(task);
  }

  readonly #done = (tasks: readonly Task[]): void => {
    if (!this.alive) return;
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index] as Task;
      if (task.lane !== undefined) this.#o.executor.reopen(task);
      task.state = 'free';
      task.context = undefined;
      task.payload = undefined;
      task.first = 0;
      task.failures = 0;
      if (!task.lost) this.#free.push(task);
      else this.#tasks.splice(this.#tasks.indexOf(task), 1);
    }
    this.#release(tasks.length);
  };

  readonly #settledLate = (task: Task, error: MessagingError): void => {
    this.#o.stats.lost++;
    this.#o.executor.reopen(task);
    if (!this.alive) return;
    task.state = 'abandoned';
    this.forget(task);
    if (error.code === 'CONNECTION') this.#o.failed(error);
  };

  #release(count: number): void {
    this.#o.stats.held -= count;
    this.#pump.turn();
  }
}
