import { pointerIn } from '../codec/pointer.js';
import { ACK, RELEASE, type Verdict } from '../transport/verdict.js';
import type { Refusal } from './admit.js';
import { attemptOf } from './admit.js';
import { Unclaimed } from './claim-errors.js';
import type { MessageContext } from './context.js';
import type { ExecutorOptions } from './executor-options.js';
import type { Handler } from './handler.js';
import type { Ending } from './hooks.js';
import { isOutcome } from './outcome.js';
import { isAlive, type Task } from './task.js';
import { afterError, afterOutcome, afterUnclaimed, afterUnreadable, type Consequence } from './verdicts.js';

/** A pointer that nobody followed, as this app has no claim check. */
const pointsAway = ({ context, delivery }: Task): boolean => context?.claimed !== true && pointerIn(delivery) !== undefined;

/** What an ending may do to the place that its task has: its slot and its lane. */
export interface Place {
  /** It gives up the head of its lane. */
  next(task: Task): void;
  /** It runs again when its turn comes. */
  again(task: Task): void;
  /** It is lost: forget it. */
  drop(task: Task): void;
  /** Its lane is given up; these waited behind it. */
  shut(task: Task): readonly Task[];
  /** Its handler runs no more. */
  slot(): void;
}

/** What follows from how an attempt ended: a verdict, another attempt in place, or nothing where the message is lost. */
export class Endings {
  readonly #o: ExecutorOptions;
  readonly #place: Place;

  constructor(options: ExecutorOptions, place: Place) {
    this.#o = options;
    this.#place = place;
  }

  /** It never reached a handler. */
  refused(task: Task, refusal: Refusal): void {
    if (refusal.as === 'dead') return this.#reject(task, refusal);
    if (refusal.as === 'old') {
      if (task.lane === undefined) return this.#leave(task, RELEASE);
      return task.session.restart(
        'messages of an ordered channel were held for half of their lock: they are given back together',
      );
    }
    this.#o.stats[refusal.as]++;
    this.#tell(task, { as: refusal.as, attempt: attemptOf(task, this.#o.countedByBroker) });
    this.#leave(task, ACK);
  }

  readonly returned = (task: Task, value: unknown): void => {
    if (task.state !== 'running') return; // it timed out
    const handler = task.handler as Handler;
    const context = task.context as MessageContext;
    if (isOutcome(value))
      this.#end(
        task,
        afterOutcome(this.#o.policy, context.attempt, value, handler.name),
        new Error(value.reason ?? 'retry'),
        undefined,
      );
    else if (handler.after === undefined) this.succeeded(task);
    else handler.after(value, context).then(() => this.succeeded(task), task.onError);
  };

  readonly succeeded = (task: Task): void => {
    if (task.state !== 'running') return; // it timed out
    if (isAlive(task)) {
      this.#o.stats.handled++;
      this.#tell(task, { as: 'handled', attempt: (task.context as MessageContext).attempt });
      this.#leave(task, ACK);
    } else this.#place.drop(task);
    this.#place.slot();
  };

  readonly failed = (task: Task, error: unknown): void => {
    if (task.state === 'running')
      this.#end(task, afterError(this.#o.policy, (task.context as MessageContext).attempt, error), error, error);
  };

  readonly unreadable = (task: Task, error: unknown): void => {
    if (task.state !== 'running') return; // it timed out
    if (!(error instanceof Unclaimed)) return this.#end(task, afterUnreadable(error, pointsAway(task)), error, error);
    const { cause } = error;
    this.#end(task, afterUnclaimed(this.#o.policy, (task.context as MessageContext).attempt, error), cause, cause);
  };

  readonly filteredOut = (task: Task): void => {
    if (task.state !== 'running') return; // it timed out
    this.#o.stats.skipped++;
    this.#tell(task, { as: 'skipped', attempt: (task.context as MessageContext).attempt });
    if (isAlive(task)) this.#leave(task, ACK);
    else this.#place.drop(task);
    this.#place.slot();
  };

  /** `thrown`: the error, where it was not the handler that decided. */
  #end(task: Task, consequence: Consequence, error: unknown, thrown: unknown): void {
    if (task.state !== 'running') return; // it timed out
    if (!isAlive(task)) this.#place.drop(task);
    else if ('retryInMs' in consequence) this.#retry(task, consequence.retryInMs, error, thrown);
    else {
      task.handler?.failed?.(error, task.delivery);
      this.#reject(task, consequence, thrown);
    }
    this.#place.slot();
  }

  #retry(task: Task, delayMs: number, error: unknown, thrown: unknown): void {
    const { attempt } = task.context as MessageContext;
    const { clock, inPlaceMs, delayStepMs, origin, stats } = this.#o;
    const { id, type } = task.delivery;
    stats.retried++;
    this.#tell(task, { as: 'retried', attempt, error: thrown });
    if (task.first === 0) task.first = clock.now();
    const told = { id, type, attempt, delayMs, error: error instanceof Error ? error.name : typeof error };
    origin.log.warn(told, `${(task.handler as Handler).name} failed; it is tried again`);
    if (delayMs <= inPlaceMs) {
      task.failures++;
      task.state = 'waiting';
      task.timer = clock.timer(delayMs, () => {
        task.timer = undefined;
        this.#place.again(task);
      });
      return;
    }
    const step = Math.max(1, delayStepMs);
    const verdict = { type: 'retry', delayMs: Math.ceil(delayMs / step) * step, attempts: attempt } as const;
    // on an ordered channel the broker holds the key until the head is due, so the whole lane goes back: followers without delay
    const followers = task.lane === undefined ? [] : this.#place.shut(task);
    task.session.settle(task, verdict);
    for (const follower of followers) follower.session.settle(follower, RELEASE);
  }

  #reject(
    task: Task,
    { reason, error }: { readonly reason: string; readonly error: string | undefined },
    thrown?: unknown,
  ): void {
    const { origin, stats, countedByBroker } = this.#o;
    const { id, type } = task.delivery;
    const attempts = task.context?.attempt ?? attemptOf(task, countedByBroker);
    stats.dead++;
    this.#tell(task, { as: 'dead', attempt: attempts, reason, error: thrown });
    origin.log.warn(
      { id, type, attempts, reason },
      `${task.handler?.name ?? origin.channel}: the message goes to the dead-letter channel`,
    );
    this.#leave(task, { type: 'reject', reason, error, attempts, first: task.first === 0 ? undefined : task.first });
  }

  #tell(task: Task, ending: Ending): void {
    this.#o.ended?.(task.delivery, ending);
  }

  /** It is decided: the task leaves its lane and is settled. */
  #leave(task: Task, verdict: Verdict): void {
    this.#place.next(task);
    task.session.settle(task, verdict);
  }
}
