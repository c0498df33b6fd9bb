import type { AsyncLocalStorage } from 'node:async_hooks';
import { MessagingError } from '../transport/errors.js';
import type { MessageContext } from './context.js';
import type { Handler } from './handler.js';
import type { ProcessHook } from './hooks.js';
import { leaseGone } from './lost.js';
import { isOutcome } from './outcome.js';
import { isAlive, type Task } from './task.js';

/** Where an attempt ends up. Each task reaches exactly one of them, unless its handler never ends. */
export interface AttemptSink {
  /** Its payload is ready, and its handler takes batches. */
  readonly collect: (task: Task, payload: unknown) => void;
  readonly filteredOut: (task: Task) => void;
  readonly unreadable: (task: Task, error: unknown) => void;
  readonly failed: (task: Task, error: unknown) => void;
  /** What follows from the value is still to be done. */
  readonly returned: (task: Task, value: unknown) => void;
  readonly succeeded: (task: Task) => void;
}

/**
 * One attempt: decode, filter, handle. Nothing is awaited that is there already, and no closure is made for a message whose
 * schema is synchronous: that is what the hot path costs.
 */
export function attempt(
  task: Task,
  handler: Handler,
  context: MessageContext,
  current: AsyncLocalStorage<MessageContext>,
  sink: AttemptSink,
): void {
  let payload: unknown;
  try {
    payload = handler.decode(task.delivery.body, context);
  } catch (error) {
    return sink.unreadable(task, error);
  }
  if (!(payload instanceof Promise)) return handle(task, handler, context, payload, current, sink);
  payload.then(
    (value) => {
      if (!isAlive(task)) sink.failed(task, leaseGone());
      else if (task.state === 'running') handle(task, handler, context, value, current, sink); // else its time is over
    },
    (error: unknown) => sink.unreadable(task, error),
  );
}

function handle(
  task: Task,
  handler: Handler,
  context: MessageContext,
  payload: unknown,
  current: AsyncLocalStorage<MessageContext>,
  sink: AttemptSink,
): void {
  let result: unknown;
  try {
    if (handler.where !== undefined && !handler.where(payload)) return sink.filteredOut(task);
    if (handler.batch > 0) return sink.collect(task, payload);
    result = current.run(context, handler.call, payload, context);
  } catch (error) {
    return sink.failed(task, error);
  }
  if (result instanceof Promise) result.then(task.onValue, task.onError);
  else if (isThenable(result))
    Promise.resolve(result).then(task.onValue, task.onError); // once, whatever it does
  else sink.returned(task, result);
}

/**
 * The same with `process` hooks around it: they see decode, handler and what is sent of its value, and what these throw. Single form only. Once a hook
 * has gone on, what the handler did counts, whatever the hook does after; one that fails before, or never goes on, fails the attempt.
 */
export function hookedAttempt(
  task: Task,
  handler: Handler,
  context: MessageContext,
  current: AsyncLocalStorage<MessageContext>,
  sink: AttemptSink,
  hook: ProcessHook,
): void {
  const { id, type, headers } = task.delivery;
  let value: unknown;
  let stage: 'decode' | 'handle' | 'skip' | 'done' = 'decode';
  let went: Promise<void> | undefined;
  const inner = async (): Promise<void> => {
    const payload = await handler.decode(task.delivery.body, context);
    stage = handler.where === undefined || handler.where(payload) ? 'handle' : 'skip';
    if (stage === 'skip') return;
    value = await handler.call(payload, context);
    if (handler.after === undefined || isOutcome(value) || task.state !== 'running') return; // else its time is over
    await handler.after(value, context);
    stage = 'done';
  };
  const next = (): Promise<void> => {
    went ??= inner();
    went.catch(() => {}); // a hook that does not wait for it leaves it to us
    return went;
  };
  const around = async (): Promise<void> => {
    try {
      await hook({ id, type, headers, attempt: context.attempt }, next);
    } catch (error) {
      if (went === undefined) throw error;
    }
    if (went === undefined) throw new MessagingError('INVALID', `a hook around ${handler.name} did not call next()`);
    await went;
  };
  current.run(context, around).then(
    () => {
      if (stage === 'skip') sink.filteredOut(task);
      else if (stage === 'done') sink.succeeded(task);
      else sink.returned(task, value);
    },
    (error: unknown) => (stage === 'decode' && went !== undefined ? sink.unreadable(task, error) : sink.failed(task, error)),
  );
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;
