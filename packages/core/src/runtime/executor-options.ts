import type { AsyncLocalStorage } from 'node:async_hooks';
import type { AdmitOptions } from './admit.js';
import type { MessageContext, Origin } from './context.js';
import type { EndedHook, ProcessHook } from './hooks.js';
import type { RetryPolicy } from './retry-policy.js';
import type { ConsumerStats } from './stats.js';

/** All that decides how one consumer's messages are handled. */
export interface ExecutorOptions extends AdmitOptions {
  readonly origin: Origin;
  /** The message that is being handled here, for whatever its handler sends. */
  readonly current: AsyncLocalStorage<MessageContext>;
  readonly policy: RetryPolicy;
  readonly concurrency: number;
  readonly ordered: boolean;
  /** Retries with a delay up to this wait in place (Infinity: all of them do). */
  readonly inPlaceMs: number;
  /** Settled retries are rounded up to a multiple of it. */
  readonly delayStepMs: number;
  readonly process: ProcessHook | undefined;
  readonly ended: EndedHook | undefined;
  readonly stats: ConsumerStats;
  /** There are free slots and nothing to start. Called often. */
  readonly hungry: () => void;
}
