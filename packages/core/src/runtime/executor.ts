import { MessagingError } from '../transport/errors.js';
import { RELEASE } from '../transport/verdict.js';
import { admit, attemptOf } from './admit.js';
import { type AttemptSink, attempt, hookedAttempt } from './attempt.js';
import { runBatch } from './batch-run.js';
import { type Collector, collector } from './collector.js';
import { MessageContext } from './context.js';
import { type Deadlines, deadlines } from './deadlines.js';
import { Endings } from './endings.js';
import type { ExecutorOptions } from './executor-options.js';
import { Fifo } from './fifo.js';
import type { Handler } from './handler.js';
import { type Lanes, lanes } from './lanes.js';
import type { Session } from './session.js';
import { isAlive, Task } from './task.js';

/**
 * Starts handlers: slots, lanes and the queue of what is ready. It outlives sessions, because handlers do. A message leaves it
 * with a verdict, or not at all: lost, or given back by its receiver.
 */
export class Executor {
  readonly #o: ExecutorOptions;
  readonly #ready = new Fifo<Task>();
  readonly #lanes: Lanes | undefined;
  readonly #collectors = new Map<Handler, Collector>();
  readonly #deadlines = new Map<number, Deadlines>();
  readonly #endings: Endings;
  readonly #sink: AttemptSink;
  #concurrency: number;
  #running = 0;
  #paused = false;
  #turning = false;
  #idle: (() => void)[] = [];

  constructor(options: ExecutorOptions) {
    this.#o = options;
    this.#concurrency = options.concurrency;
    this.#lanes = options.ordered ? lanes() : undefined;
    this.#endings = new Endings(options, {
      next: (task) => this.#next(task),
      again: (task) => this.#again(task),
      drop: (task) => this.drop(task),
      shut: (task) => this.#shut(task),
      slot: () => this.#slot(),
    });
    const { returned, succeeded, failed, unreadable, filteredOut } = this.#endings;
    this.#sink = {
      returned,
      succeeded,
      failed,
      unreadable,
      filteredOut,
      collect: (task, payload) => this.#collect(task, payload),
    };
    for (const handler of options.handlers) {
      const { timeoutMs } = handler;
      if (handler.batch > 0)
        this.#collectors.set(
          handler,
          collector(handler, options.clock, () => this.#turn()),
        );
      else if (timeoutMs > 0)
        this.#deadlines.set(
          timeoutMs,
          deadlines(timeoutMs, options.clock, (task) => this.#timedOut(task)),
        );
    }
  }

  get running(): number {
    return this.#running;
  }
  /** Handlers could start, and there is nothing to start. */
  get hungry(): boolean {
    return this.#running < this.#concurrency && !this.#paused && this.#ready.size === 0;
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
    return new Task(session, this.#endings.returned, this.#endings.failed);
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
    for (const each of this.#collectors.values()) each.keep(isAlive);
    for (const head of this.#lanes?.purge(isAlive) ?? []) this.#ready.push(head);
    this.#turn();
  }

  /** What was given back with its lane has reached the broker: the key may be taken again. */
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
    try {
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
    } finally {
      this.#turning = false;
    }
    if (this.hungry) this.#o.hungry();
  }

  #start(task: Task): void {
    if (!isAlive(task)) return this.drop(task);
    if (task.session.isOver(task.delivery)) return task.session.lose(task);
    const handler = admit(task, this.#o);
    if ('as' in handler) return this.#endings.refused(task, handler);
    const { origin, current, process, countedByBroker } = this.#o;
    const context = new MessageContext(task.delivery, handler, origin, attemptOf(task, countedByBroker));
    task.handler = handler;
    task.context = context;
    task.state = 'running';
    this.#running++;
    if (handler.timeoutMs > 0 && handler.batch === 0) this.#deadlines.get(handler.timeoutMs)?.watch(task);
    if (process === undefined || handler.batch > 0) attempt(task, handler, context, current, this.#sink);
    else hookedAttempt(task, handler, context, current, this.#sink, process);
  }

  #collect(task: Task, payload: unknown): void {
    if (!isAlive(task)) {
      this.drop(task);
      return this.#slot();
    }
    task.payload = payload;
    task.state = 'waiting';
    (this.#collectors.get(task.handler as Handler) as Collector).add(task);
    this.#slot();
  }

  #dueBatch(): Collector | undefined {
    for (const each of this.#collectors.values()) if (each.due) return each;
    return undefined;
  }

  #startBatch(each: Collector): void {
    const tasks = each.take();
    const { handler } = each;
    for (const task of tasks) task.state = 'running';
    this.#running++; // one slot, however many messages
    const end = (conclude: (task: Task, index: number) => void): void => {
      this.#running += tasks.length - 1; // each task's end gives back one
      tasks.forEach(conclude);
    };
    runBatch(handler, tasks, this.#o).then(
      (results) => end((task, index) => this.#endings.returned(task, results[index])),
      (error: unknown) => end((task) => this.#endings.failed(task, error)),
    );
  }

  #again(task: Task): void {
    task.state = 'ready';
    this.#ready.push(task);
    this.#turn();
  }

  /** The task gives up its place at the head of its lane. */
  #next(task: Task): void {
    const { lane } = task;
    if (lane === undefined) return;
    task.lane = undefined;
    const head = this.#lanes?.leave(lane, isAlive);
    if (head !== undefined) this.#ready.push(head);
  }

  #shut(task: Task): readonly Task[] {
    const followers = task.lane === undefined ? [] : (this.#lanes?.shut(task.lane) ?? []);
    for (const follower of followers) follower.lane = undefined;
    return followers;
  }

  #timedOut(task: Task): void {
    const { name, timeoutMs } = task.handler as Handler;
    const error = new MessagingError('TIMEOUT', `${name} did not end within ${timeoutMs} ms`);
    task.context?.abort(error);
    this.#endings.failed(task.session.replace(task), error);
  }

  /** A slot is free again. */
  #slot(): void {
    this.#running--;
    if (this.#running === 0 && this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#turn();
  }
}
