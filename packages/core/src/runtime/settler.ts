import type { Clock, Timer } from '../transport/clock.js';
import { type MessagingError, textOf } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Failures, Receiver } from '../transport/transport.js';
import { ACK, RELEASE, type Verdict } from '../transport/verdict.js';
import type { SettleHook } from './hooks.js';
import { asMessagingError, isLinkError } from './link-error.js';
import type { Logger } from './logger.js';
import { linkGone } from './lost.js';
import type { Task } from './task.js';

export interface SettlerOptions {
  /** `orders/shipping`, for logs. */
  readonly name: string;
  readonly log: Logger;
  readonly receiver: Receiver;
  readonly batch: number;
  /** Ms that a verdict may wait for company where each call costs money; 0 = all that one turn of the event loop decided goes. */
  readonly lingerMs: number;
  readonly clock: Clock;
  readonly hook: SettleHook | undefined;
  /** The broker has them. */
  readonly done: (tasks: readonly Task[]) => void;
  /** Not settled, and not tried again: LOST means that the message comes again by itself. */
  readonly lost: (task: Task, error: MessagingError) => void;
  /** Settlements fail for the moment and are repeated; undefined when none does any more. */
  readonly stuck: (error: MessagingError | undefined) => void;
  /** No call is under way any more. */
  readonly quiet: () => void;
}

interface Group {
  readonly verdict: Verdict;
  tasks: Task[];
  deliveries: Delivery[];
}

/** One call, with how often it failed before. */
interface Call {
  readonly verdict: Verdict;
  readonly tasks: readonly Task[];
  readonly deliveries: readonly Delivery[];
  readonly failed: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Gathers verdicts of one session and settles them in batches: what one turn of the event loop decided, or what comes while it
 * may linger, goes in one call a verdict. What fails for the moment is tried again until the delivery is lost.
 */
export class Settler {
  readonly #o: SettlerOptions;
  readonly #acks: Group = { verdict: ACK, tasks: [], deliveries: [] };
  readonly #others = new Map<string, Group>();
  readonly #pauses = new Map<Call, Timer>();
  #scheduled = false;
  #timer: Timer | undefined; // of a flush that lingers
  #calls = 0;
  #repeated = 0; // settlements that failed before, in a pause or in a call
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(options: SettlerOptions) {
    this.#o = options;
  }

  /** A call is under way, or about to be. */
  get busy(): boolean {
    return this.#scheduled || this.#calls > 0;
  }

  add(task: Task, verdict: Verdict): void {
    const group = verdict === ACK ? this.#acks : this.#group(verdict);
    group.tasks.push(task);
    group.deliveries.push(task.delivery);
    if (group.tasks.length >= this.#o.batch) {
      this.#send(group);
      if (this.#others.size === 0 && this.#acks.tasks.length === 0) this.#unschedule();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      if (this.#o.lingerMs > 0) this.#timer = this.#o.clock.timer(this.#o.lingerMs, this.#flush);
      else setImmediate(this.#flush);
    }
  }

  /** Resolves when nothing is under way, be it settled or lost. */
  async idle(): Promise<void> {
    while (this.busy || this.#pauses.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** The link is gone: what waits is lost. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== undefined) {
      this.#unschedule();
      this.#flush(); // what lingers is lost as well
    }
    for (const [call, timer] of this.#pauses) {
      timer.cancel();
      for (const task of call.tasks) this.#o.lost(task, linkGone());
    }
    this.#pauses.clear();
    if (this.#repeated > 0) this.#o.stuck(undefined);
    this.#repeated = 0;
    this.#wake();
  }

  /** Nothing lingers any more: what comes next begins a wait of its own. */
  #unschedule(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#scheduled = false;
  }

  readonly #flush = (): void => {
    this.#timer = undefined;
    this.#scheduled = false;
    this.#send(this.#acks);
    for (const group of this.#others.values()) this.#send(group);
    this.#others.clear();
    this.#wake();
  };

  #group(verdict: Verdict): Group {
    // every rejection has a reason of its own, and goes alone
    if (verdict.type === 'reject' || verdict.type === 'ack') return this.#new(`${verdict.type} ${this.#others.size}`, verdict);
    const name = verdict.type === 'retry' ? `${verdict.delayMs}:${verdict.attempts ?? 0}` : 'release';
    return this.#others.get(name) ?? this.#new(name, verdict.type === 'release' ? RELEASE : verdict);
  }

  #new(name: string, verdict: Verdict): Group {
    const group: Group = { verdict, tasks: [], deliveries: [] };
    if (this.#o.batch > 1) this.#others.set(name, group); // else it is sent at once
    return group;
  }

  #send(group: Group): void {
    const { tasks, deliveries, verdict } = group;
    if (tasks.length === 0) return;
    group.tasks = [];
    group.deliveries = [];
    this.#settle({ tasks, deliveries, verdict, failed: 0 });
  }

  #settle(call: Call): void {
    if (this.#closed) {
      for (const task of call.tasks) this.#o.lost(task, linkGone());
      return;
    }
    this.#calls++;
    this.#ask(call.deliveries, call.verdict).then(
      (failures) => this.#ended(call, failures),
      (thrown: unknown) => {
        const error = asMessagingError(thrown, `settle of ${this.#o.name}`);
        this.#ended(
          call,
          call.tasks.map((_, index) => ({ index, error })),
        );
      },
    );
  }

  /** A hook only watches: whatever it does, the verdict reaches the broker, once. */
  async #ask(deliveries: readonly Delivery[], verdict: Verdict): Promise<Failures> {
    const { receiver, hook, log, name } = this.#o;
    if (hook === undefined) return receiver.settle(deliveries, verdict);
    let asked: Promise<Failures> | undefined;
    const settle = (): Promise<Failures> => (asked ??= receiver.settle(deliveries, verdict));
    try {
      await hook(deliveries.length, verdict.type, () => {
        const done = settle().then(() => {});
        done.catch(() => {}); // a hook that does not wait for it leaves it to us
        return done;
      });
    } catch (error) {
      if (asked === undefined) log.warn({ consumer: name, error: textOf(error) }, `${name}: a hook around settle failed`);
    }
    return settle();
  }

  #ended(call: Call, failures: Failures): void {
    this.#calls--;
    if (failures.length === 0 && call.failed === 0) this.#o.done(call.tasks);
    else this.#sort(call, failures);
    if (this.#calls > 0) return;
    this.#wake();
    this.#o.quiet();
  }

  /** What may work later is tried again, after a pause; the rest is lost. */
  #sort(call: Call, failures: Failures): void {
    const errors = new Map(failures.map(({ index, error }) => [index, error]));
    const again: number[] = [];
    const done: Task[] = [];
    call.tasks.forEach((task, index) => {
      const error = errors.get(index);
      if (error === undefined) done.push(task);
      else if (error.retryable && !isLinkError(error) && !task.lost && !this.#closed) again.push(index);
      else this.#o.lost(task, error);
    });
    if (done.length > 0) this.#o.done(done);
    const first = again[0];
    if (!this.#closed) this.#count(call, again.length, errors.get(first ?? -1));
    if (first === undefined) return;
    this.#pause(call, again);
  }

  /** One log line a streak; health says for how long. */
  #count({ verdict, tasks, failed }: Call, again: number, error: MessagingError | undefined): void {
    const before = this.#repeated;
    this.#repeated += again - (failed > 0 ? tasks.length : 0);
    if (before === 0 && this.#repeated > 0) {
      const { name, log, stuck } = this.#o;
      log.warn(
        { consumer: name, verdict: verdict.type, messages: again, code: error?.code, error: error?.message },
        `${name}: settling fails; the messages stay unsettled, and it is tried again until it works`,
      );
      stuck(error);
    } else if (before > 0 && this.#repeated === 0) this.#o.stuck(undefined);
  }

  #pause({ verdict, tasks, deliveries, failed }: Call, again: readonly number[]): void {
    const call: Call = {
      verdict,
      tasks: again.map((index) => tasks[index] as Task),
      deliveries: again.map((index) => deliveries[index] as Delivery),
      failed: failed + 1,
    };
    const timer = this.#o.clock.timer(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failed, 10), LONGEST_PAUSE_MS), () => {
      this.#pauses.delete(call);
      this.#settle(call);
    });
    this.#pauses.set(call, timer);
  }

  #wake(): void {
    if (this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
