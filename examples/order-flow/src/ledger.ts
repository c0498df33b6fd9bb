import type { App, Ending, InterceptorFactory } from '@omnibus/core';

/** What happened to the messages of one run, as the app's counters and interceptors tell it. */
export interface Ledger {
  readonly sent: number;
  readonly handled: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Messages that are taken and not settled. */
  readonly held: number;
}

/** Keeps the books of one app. */
export interface Bookkeeper {
  /** For `createApp({ interceptors })`: made once for every end of every channel. */
  readonly interceptor: InterceptorFactory;
  readonly books: (app: App) => Ledger;
}

/** `onFailure` is told of every attempt that failed. */
export function bookkeeper(onFailure: (channel: string, type: string, ending: Ending) => void): Bookkeeper {
  let sent = 0;
  return {
    interceptor: ({ channel }) => ({
      sent() {
        sent += 1;
      },
      ended({ type }, ending) {
        if (ending.as === 'retried' || ending.as === 'dead') onFailure(channel, type, ending);
      },
    }),
    books({ stats }) {
      const consumers = Object.values(stats.consumers);
      const sum = (count: 'handled' | 'retried' | 'dead' | 'held'): number =>
        consumers.reduce((total, each) => total + each[count], 0);
      return { sent, handled: sum('handled'), retried: sum('retried'), deadLettered: sum('dead'), held: sum('held') };
    },
  };
}
