import type { Limits } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Verdict } from '../transport/verdict.js';
import type { Executor } from './executor.js';
import type { SettleHook } from './hooks.js';
import { LockKeeper } from './lock-keeper.js';
import type { Logger } from './logger.js';
import { leaseGone } from './lost.js';
import { Pump } from './pump.js';
import { Settler } from './settler.js';
import type { ConsumerStats } from './stats.js';
import type { Task } from './task.js';

export interface SessionOptions {
  /** `orders/shipping`, for logs and errors. */
  readonly name: string;
  readonly log: Logger;
  readonly receiver: Receiver;
  readonly executor: Executor;
  readonly limits: Limits;
  readonly window: number;
  readonly clock: Clock;
  readonly stats: ConsumerStats;
  readonly hook: SettleHook | undefined;
  /** An id for a message of others that has none. */
  readonly newId: () => string;
  /** Settlements fail for the moment; undefined when none does any more. */
  readonly stuck: (error: MessagingError | undefined) => void;
  /** Nothing can be received for the moment; undefined when something can. */
  readonly starved: (error: MessagingError | undefined) => void;
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
      name: options.name,
      log: options.log,
      receiver,
      batch: limits.settleBatch,
      lingerMs: limits.lingerMs,
      clock,
      hook: options.hook,
      done: this.#done,
      lost: this.#notSettled,
      stuck: options.stuck,
      quiet: () => this.ask(),
    });
    this.#pump = new Pump({
      receiver,
      window,
      held: () => options.stats.held,
      hungry: () => options.executor.hungry && !this.#settler.busy,
      batch: limits.receiveBatch,
      calls: limits.receiveCalls,
      clock,
      take: (deliveries) => this.#take(deliveries),
      stuck: (error) => this.alive && options.starved(error),
      failed: (error) => this.alive && options.failed(error),
    });
    this.#keeper =
      receiver.extend === undefined
        ? undefined
        : new LockKeeper({ receiver, clock, batch: limits.settleBatch, tasks: this.#tasks, lost: (task) => this.#lose([task]) });
  }

  get receiver(): Receiver {
    return this.#o.receiver;
  }

  start(): void {
    this.#pump.start();
  }
  /** Asks for nothing more; resolves when no receive call is open. */
  halt(): Promise<void> {
    return this.#pump.stop();
  }

  /** Handlers could start: asks for more where there is room. */
  ask(): void {
    this.#pump.turn();
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

  /** A lock that could be renewed has run out: the broker may have given it to another. */
  isOver(delivery: Delivery): boolean {
    const { lockedUntil } = delivery;
    return this.#keeper !== undefined && lockedUntil !== Number.POSITIVE_INFINITY && lockedUntil <= this.#o.clock.monotonic();
  }

  /** Its lock has run out: it is lost, and its lane with it. */
  lose(task: Task): void {
    this.#lose([task]);
  }

  /** Gives everything back by closing the receiver; the link opens another. */
  restart(why: string): void {
    if (this.alive) this.#o.failed(new MessagingError('LOST', why));
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
    const index = this.#tasks.indexOf(task);
    if (index >= 0) this.#tasks[index] = twin;
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
      this.#end(task, reason);
    }
    this.#o.stats.held = 0;
    this.#o.executor.purge();
    await this.#o.receiver.close();
    await pumped;
  }

  #take(deliveries: readonly Delivery[]): void {
    if (!this.alive) return; // the receiver gives them back when it closes
    const { stats, executor, clock, newId } = this.#o;
    const tasks: Task[] = [];
    stats.received += deliveries.length;
    for (let index = 0; index < deliveries.length; index++) {
      const delivery = deliveries[index] as Delivery;
      if (delivery.lease !== undefined && !this.#holds(delivery.lease)) {
        stats.lost++;
        continue;
      }
      if (delivery.id === '') delivery.id = newId();
      const task = this.#free.pop() ?? this.#make();
      task.delivery = delivery;
      task.state = 'ready';
      tasks.push(task);
    }
    stats.held += tasks.length;
    if (this.#keeper !== undefined) this.#keeper.watch(deliveries);
    else if (this.#lockMs === Number.POSITIVE_INFINITY)
      this.#lockMs = (deliveries[0] as Delivery).lockedUntil - clock.monotonic();
    executor.enter(tasks);
  }

  #make(): Task {
    const task = this.#o.executor.task(this);
    this.#tasks.push(task);
    return task;
  }

  /** Whether the lease still holds; from now on its end is noticed. */
  #holds(lease: AbortSignal): boolean {
    if (lease.aborted) return false;
    if (this.#leases.has(lease)) return true;
    const end = (): void => {
      this.#leases.delete(lease);
      this.#lose(this.#tasks.filter(({ delivery }) => delivery.lease === lease));
    };
    this.#leases.set(lease, end);
    lease.addEventListener('abort', end, { once: true });
    return true;
  }

  /** The broker may give them to another already: handlers are told, and what does not run yet is dropped. */
  #lose(tasks: readonly Task[]): void {
    const waiting: Task[] = [];
    const lose = (task: Task): void => {
      if (task.lost || task.state === 'free') return;
      task.timer?.cancel();
      this.#end(task, leaseGone());
      if (task.state !== 'running' && task.state !== 'settling') waiting.push(task); // their own end forgets the others
      task.lane?.followers.drain().forEach(lose); // the broker may give the key to another: its whole lane is lost
    };
    tasks.forEach(lose);
    if (waiting.length === 0) return;
    this.#o.stats.lost += waiting.length;
    this.#o.executor.purge();
    for (const task of waiting) {
      task.state = 'abandoned';
      this.forget(task);
    }
  }

  /** Nothing about it may be settled any more. */
  #end(task: Task, reason: unknown): void {
    if (task.state === 'running' && !task.lost) this.#o.stats.overlapped++;
    task.lost = true;
    task.context?.abort(reason);
  }

  readonly #done = (tasks: readonly Task[]): void => {
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index] as Task;
      if (task.lane !== undefined) this.#o.executor.reopen(task);
      if (!this.alive) continue;
      task.state = 'free';
      task.context = undefined;
      task.payload = undefined;
      task.first = 0;
      task.failures = 0;
      if (!task.lost) this.#free.push(task);
      else this.#tasks.splice(this.#tasks.indexOf(task), 1);
    }
    if (this.alive) this.#release(tasks.length);
  };

  readonly #notSettled = (task: Task, error: MessagingError): void => {
    this.#o.stats.lost++;
    this.#o.executor.reopen(task);
    if (!this.alive) return;
    task.state = 'abandoned';
    this.forget(task);
    if (error.code === 'LOST') return;
    // the broker still holds it for this receiver: only closing that gives it back
    const { name, log, failed } = this.#o;
    log.warn(
      { consumer: name, id: task.delivery.id, type: task.delivery.type, code: error.code, error: error.message },
      `${name}: a message cannot be settled; its receiver is opened anew, which gives it back`,
    );
    failed(error);
  };

  #release(count: number): void {
    this.#o.stats.held -= count;
    this.#pump.turn();
  }
}
