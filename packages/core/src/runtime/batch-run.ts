import type { Clock } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import type { MessageContext } from './context.js';
import type { ExecutorOptions } from './executor-options.js';
import type { Handler } from './handler.js';
import type { ProcessHook } from './hooks.js';
import type { Task } from './task.js';

/**
 * Calls a batch handler once for many tasks. Resolves to one result a task; rejects where all of them failed, also when the
 * handler's time is over (then its signal has aborted). With `process` hooks each message passes them, around the one call.
 */
export function runBatch(
  handler: Handler,
  tasks: readonly Task[],
  { clock, origin, current, process: hook }: ExecutorOptions,
): Promise<readonly unknown[]> {
  const contexts = tasks.map((task) => task.context as MessageContext);
  const shared = { messages: contexts, signal: AbortSignal.any(contexts.map((context) => context.signal)), log: origin.log };
  const payloads = tasks.map((task) => task.payload);
  let called: Promise<unknown> | undefined;
  const call = (): Promise<unknown> => {
    // a batch is caused by many messages: what it sends names its own cause
    called ??= current.run(undefined as never, async () => handler.call(payloads, shared));
    return called;
  };
  const all =
    hook === undefined
      ? call()
      : Promise.all(tasks.map((task, index) => hooked(hook, task, contexts[index] as MessageContext, call))).then(call);
  const results = all.then((value) => tasks.map((_, index) => (Array.isArray(value) ? (value as unknown[])[index] : value)));
  return handler.timeoutMs === 0 ? results : within(handler, results, contexts, clock);
}

function hooked(hook: ProcessHook, task: Task, context: MessageContext, call: () => Promise<unknown>): Promise<void> {
  const { id, type, headers } = task.delivery;
  return hook({ id, type, headers, attempt: context.attempt }, async () => void (await call()));
}

function within(
  handler: Handler,
  results: Promise<readonly unknown[]>,
  contexts: readonly MessageContext[],
  clock: Clock,
): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const timer = clock.timer(handler.timeoutMs, () => {
      const error = new MessagingError('TIMEOUT', `${handler.name} did not end within ${handler.timeoutMs} ms`);
      for (const context of contexts) context.abort(error);
      reject(error);
    });
    results.then(resolve, reject).finally(() => timer.cancel());
  });
}
