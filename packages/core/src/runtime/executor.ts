import type { AsyncLocalStorage } from 'node:async_hooks';
import { MessagingError } from '../transport/errors.js';
import { ACK, RELEASE } from '../transport/verdict.js';
import { type AdmitOptions, admit, attemptOf } from './admit.js';
import { runBatch } from './batch-run.js';
import { type Collector, collector } from './collector.js';
import { MessageContext, type Origin } from './context.js';
import { type Deadlines, deadlines } from './deadlines.js';
import { Fifo } from './fifo.js';
import type { Handler } from './handler.js';
import type { ProcessHook } from './hooks.js';
import { type Lanes, lanes } from './lanes.js';
import { isOutcome } from './outcome.js';
import type { RetryPolicy } from './retry-policy.js';
import type { Session } from './session.js';
import type { ConsumerStats } from './stats.js';
import { Task } from './task.js';
import { afterError, afterOutcome, afterUnreadable, type Consequence } from './verdicts.js';

export interface ExecutorOptions extends AdmitOptions {
  readonly origin: Origin;
  readonly current: AsyncLocalStorage<MessageContext>;
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  readonly ordered: boolean;
  /** Retries with a delay up to this wait in place (Infinity: all of them do). */
  readonly inPlaceMs: number;
  /** Settled retries are rounded up to a multiple of it. */
  readonly delayStepMs: number;
  readonly process: ProcessHook | undefined;
  readonly stats: ConsumerStats;
}

/**
 * Runs handlers: slots, lanes, attempts and what follows from them. It outlives sessions, because handlers do. A message
 * leaves it with a verdict, or not at all: lost, or given back by its receiver.
 */
export class Executor {
  readonly #o: ExecutorOptions;
  readonly #ready = new Fifo<Task>();
  readonly #lanes: Lanes | undefined;
  readonly #collectors = new Map<Handler, Collector>();
  readonly #deadlines = new Map<number, Deadlines>();
  #concurrency: number;
  #running = 0;
  #paused = false;
  #turning = false;
  #idle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    this.#o = options;
    this.#concurrency = options.concurrency;
    this.#lanes = options.ordered ? lanes() : undefined;
    for (const handler of options.handlers) {
      if (handler.batch > 0)
        this.#collectors.set(
          handler,
          collector(handler, options.clock, () => this.#turn()),
        );
      else if (handler.timeoutMs > 0)
        this.#deadlines.set(
          handler.timeoutMs,
          deadlines(handler.timeoutMs, options.clock, (task) => this.#timedOut(task)),
        );
    }
  }

  get running(): number {
    return this.#running;
  }
  get concurrency(): number {
    return this.#concurrency;
  }
  set concurrency(value: number) {
    this.#concurrency = value;
    this.#turn();
  }

  /** Makes a task, which a session fills with one delivery after another. */
  task(session: Session): Task {
    return new Task(session, this.#onValue, this.#onError);
  }

  /** Takes freshly received tasks, in the order received. */
  enter(tasks: readonly Task[]): void {
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index] as Task;
      const place = this.#lanes === undefined ? 'head' : this.#lanes.enter(task);
      if (place === 'head') this.#ready.push(task);
      else if (place === 'shut') task.session.settle(task, RELEASE);
    }
    this.#turn();
  }

  /** Stops starting handlers; those that run go on. */
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    this.#turn();
  }
  /** Resolves when no handler runs. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Forgets what was lost and does not run; what runs is forgotten when it ends. */
  purge(): void {
    this.#ready.keep(isAlive);
    this.#lanes?.keep(isAlive);
    for (const each of this.#collectors.values()) each.keep(isAlive);
    this.#turn();
  }

  /** What `shut` gave back has reached the broker. */
  reopen(task: Task): void {
    if (task.lane !== undefined) this.#lanes?.reopen(task.lane);
    task.lane = undefined;
  }

  /** Nothing can be settled any more: the message comes again by itself. */
  drop(task: Task): void {
    this.#o.stats.lost++;
    task.state = 'abandoned';
    this.#next(task);
    task.session.forget(task);
    this.#turn();
  }

  /** Ends all waiting; the receivers give back what waits. */
  close(): void {
    this.#paused = true;
    this.#ready.keep(() => false);
    for (const each of this.#collectors.values()) each.keep(() => false);
    for (const each of this.#deadlines.values()) each.close();
  }

  /** Starts what there are slots for. Not entered again by handlers that end while it runs. */
  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    while (this.#running < this.#concurrency && !this.#paused) {
      const batch = this.#collectors.size === 0 ? undefined : this.#dueBatch();
      if (batch !== undefined) {
        this.#startBatch(batch);
        continue;
      }
      const task = this.#ready.shift();
      if (task === undefined) break;
      this.#start(task);
    }
    this.#turning = false;
  }

  #dueBatch(): Collector | undefined {
    for (const each of this.#collectors.values()) if (each.due) return each;
    return undefined;
  }

  #start(task: Task): void {
    if (!isAlive(task)) return this.drop(task);
    const handler = admit(task, this.#o);
    if ('as' in handler) return this.#refuse(task, handler);
    const context = new MessageContext(task.delivery, handler, this.#o.origin, attemptOf(task, this.#o.countedByBroker));
    task.handler = handler;
    task.context = context;
    task.state = 'running';
    this.#running++;
    if (handler.timeoutMs > 0 && handler.batch === 0) this.#deadlines.get(handler.timeoutMs)?.watch(task);
    if (this.#o.process !== undefined && handler.batch === 0) return this.#runHooked(task, handler, context, this.#o.process);
    let payload: unknown;
    try {
      payload = handler.decode(task.delivery.body);
    } catch (error) {
      return this.#end(task, afterUnreadable(error), error);
    }
    if (!(payload instanceof Promise)) return this.#run(task, handler, context, payload);
    payload.then(
      (value) => this.#run(task, handler, context, value),
      (error: unknown) => this.#end(task, afterUnreadable(error), error),
    );
  }

  #refuse(task: Task, refusal: Exclude<ReturnType<typeof admit>, Handler>): void {
    if (refusal.as === 'dead') return this.#reject(task, refusal);
    if (refusal.as === 'old') {
      if (task.lane !== undefined)
        return task.session.restart(
          'messages of an ordered channel were held for half of their lock: they are given back together',
        );
      this.#next(task);
      return task.session.settle(task, RELEASE);
    }
    this.#o.stats[refusal.as]++;
    this.#next(task);
    task.session.settle(task, ACK);
  }

  #run(task: Task, handler: Handler, context: MessageContext, payload: unknown): void {
    if (handler.where !== undefined && !handler.where(payload)) return this.#filteredOut(task);
    if (handler.batch > 0) {
      task.payload = payload;
      task.state = 'waiting';
      (this.#collectors.get(handler) as Collector).add(task);
      return this.#slot();
    }
    let result: unknown;
    try {
      result = this.#o.current.run(context, handler.call, payload, context);
    } catch (error) {
      return this.#onError(task, error);
    }
    if (result !== undefined && typeof (result as PromiseLike<unknown> | null)?.then === 'function')
      (result as PromiseLike<unknown>).then(task.onValue, task.onError);
    else this.#onValue(task, result);
  }

  #runHooked(task: Task, handler: Handler, context: MessageContext, hook: ProcessHook): void {
    const { id, type, headers } = task.delivery;
    let value: unknown;
    let stage: 'decode' | 'handle' | 'skip' = 'decode';
    const inner = async (): Promise<void> => {
      const payload = await handler.decode(task.delivery.body);
      stage = handler.where === undefined || handler.where(payload) ? 'handle' : 'skip';
      if (stage === 'handle') value = await handler.call(payload, context);
    };
    this.#o.current
      .run(context, async () => hook({ id, type, headers, attempt: context.attempt }, inner))
      .then(
        () => (stage === 'skip' ? this.#filteredOut(task) : this.#onValue(task, value)),
        (error: unknown) =>
          this.#end(
            task,
            stage === 'decode' ? afterUnreadable(error) : afterError(this.#o.policy, context.attempt, error),
            error,
          ),
      );
  }

  #startBatch(each: Collector): void {
    const tasks = each.take();
    const { handler } = each;
    for (const task of tasks) task.state = 'running';
    this.#running++; // one slot, however many messages
    const end = (): void => {
      this.#running += tasks.length - 1; // each task's end gives back one
    };
    runBatch(handler, tasks, this.#o.clock, this.#o.origin.log, this.#o.process).then(
      (results) => {
        end();
        tasks.forEach((task, index) => this.#onValue(task, results[index]));
      },
      (error: unknown) => {
        end();
        for (const task of tasks) this.#onError(task, error);
      },
    );
  }

  readonly #onValue = (task: Task, value: unknown): void => {
    if (task.state !== 'running') return; // it timed out
    const handler = task.handler as Handler;
    const context = task.context as MessageContext;
    if (isOutcome(value))
      return this.#end(
        task,
        afterOutcome(this.#o.policy, context.attempt, value, handler.name),
        new Error(value.reason ?? 'retry'),
      );
    if (handler.after === undefined) return this.#succeed(task);
    handler.after(value, context).then(() => this.#succeed(task), task.onError);
  };

  readonly #onError = (task: Task, error: unknown): void => {
    if (task.state === 'running')
      this.#end(task, afterError(this.#o.policy, (task.context as MessageContext).attempt, error), error);
  };

  #succeed(task: Task): void {
    if (task.state !== 'running') return; // it timed out
    if (!isAlive(task)) this.drop(task);
    else {
      this.#o.stats.handled++;
      this.#next(task);
      task.session.settle(task, ACK);
    }
    this.#slot();
  }

  #filteredOut(task: Task): void {
    if (task.state !== 'running') return; // it timed out
    this.#o.stats.skipped++;
    this.#next(task);
    task.session.settle(task, ACK);
    this.#slot();
  }

  #end(task: Task, consequence: Consequence, error: unknown): void {
    if (task.state !== 'running') return; // it timed out
    if (!isAlive(task)) this.drop(task);
    else if ('retryInMs' in consequence) this.#retry(task, consequence.retryInMs, error);
    else {
      task.handler?.failed?.(error, task.delivery);
      this.#reject(task, consequence);
    }
    this.#slot();
  }

  #retry(task: Task, delayMs: number, error: unknown): void {
    const { attempt } = task.context as MessageContext;
    const { clock, inPlaceMs, delayStepMs, origin, stats } = this.#o;
    stats.retried++;
    if (task.first === 0) task.first = clock.now();
    origin.log.warn(
      {
        id: task.delivery.id,
        type: task.delivery.type,
        attempt,
        delayMs,
        error: error instanceof Error ? error.name : typeof error,
      },
      `${(task.handler as Handler).name} failed; it is tried again`,
    );
    if (delayMs <= inPlaceMs) {
      task.failures++;
      task.state = 'waiting';
      task.timer = clock.timer(delayMs, () => {
        task.timer = undefined;
        task.state = 'ready';
        this.#ready.push(task);
        this.#turn();
      });
      return;
    }
    const step = Math.max(1, delayStepMs);
    const verdict = { type: 'retry', delayMs: Math.ceil(delayMs / step) * step, attempts: attempt } as const;
    if (task.lane === undefined) return task.session.settle(task, verdict);
    // the broker holds the key until the head is due, so the whole lane goes back: the head with the delay, the others without
    const followers = this.#lanes?.shut(task.lane) ?? [];
    task.session.settle(task, verdict);
    for (const follower of followers) {
      follower.lane = undefined;
      follower.session.settle(follower, RELEASE);
    }
  }

  #reject(task: Task, { reason, error }: { readonly reason: string; readonly error: string | undefined }): void {
    const attempts = task.context?.attempt ?? attemptOf(task, this.#o.countedByBroker);
    this.#o.stats.dead++;
    this.#o.origin.log.warn(
      { id: task.delivery.id, type: task.delivery.type, attempts, reason },
      `${task.handler?.name ?? this.#o.origin.channel}: the message goes to the dead-letter channel`,
    );
    this.#next(task);
    task.session.settle(task, { type: 'reject', reason, error, attempts, first: task.first === 0 ? undefined : task.first });
  }

  /** The task gives up its place at the head of its lane. */
  #next(task: Task): void {
    let { lane } = task;
    if (lane === undefined) return;
    task.lane = undefined;
    for (let head = this.#lanes?.leave(lane); head !== undefined; head = this.#lanes?.leave(lane)) {
      if (isAlive(head)) return this.#ready.push(head);
      lane = head.lane ?? lane;
    }
  }

  #timedOut(task: Task): void {
    const { name, timeoutMs } = task.handler as Handler;
    const error = new MessagingError('TIMEOUT', `${name} did not end within ${timeoutMs} ms`);
    task.context?.abort(error);
    this.#onError(task.session.replace(task), error);
  }

  /** A slot is free again. */
  #slot(): void {
    this.#running--;
    if (this.#running === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#turn();
  }
}

const isAlive = (task: Task): boolean => !task.lost && task.session.alive;
