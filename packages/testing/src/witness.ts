import type { Ending, EndpointInfo, Interceptor, Passing } from '@omnibus/core';
import type { DeadLetter } from './test-app-types.js';

/** A message that passed. */
export interface Seen {
  readonly channel: string;
  readonly type: string;
  readonly body: Uint8Array;
}

/** Everything that an app's interceptors were told, in order. */
export interface Witness {
  /** For `createApp({ interceptors })`. */
  readonly interceptor: (endpoint: EndpointInfo) => Interceptor;
  readonly sent: readonly Seen[];
  readonly handled: readonly Seen[];
  dead(channel: string, group: string | undefined): readonly DeadLetter[];
  /** How much was told. */
  readonly count: number;
  /** Takes what handlers threw since the last call. */
  takeErrors(): readonly unknown[];
  /** Resolves when something is told, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>;
}

export function witness(): Witness {
  const sent: Seen[] = [];
  const handled: Seen[] = [];
  const dead: { readonly channel: string; readonly group: string | undefined; readonly letter: DeadLetter }[] = [];
  const waiting = new Set<() => void>();
  let errors: unknown[] = [];
  let count = 0;
  const told = (): void => {
    count += 1;
    for (const wake of [...waiting]) wake();
  };
  const ended = ({ channel, group }: EndpointInfo, { id, type, body }: Passing, ending: Ending): void => {
    if (ending.error !== undefined) errors.push(ending.error);
    if (ending.as === 'handled') handled.push({ channel, type, body });
    if (ending.as === 'dead')
      dead.push({ channel, group, letter: { id, type, reason: ending.reason ?? '', attempts: ending.attempt } });
    told();
  };
  return {
    interceptor: (endpoint) => ({
      sent({ type, body }) {
        sent.push({ channel: endpoint.channel, type, body });
        told();
      },
      ended: (delivery, ending) => ended(endpoint, delivery, ending),
    }),
    sent,
    handled,
    dead: (channel, group) =>
      dead
        .filter((each) => each.channel === channel && (group === undefined || each.group === group))
        .map(({ letter }) => letter),
    get count() {
      return count;
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    next: (signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
      }),
  };
}
