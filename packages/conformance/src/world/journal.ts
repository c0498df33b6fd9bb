import type { Context } from '@omnibus/core';
import type { Watch } from './watch.js';

/** What happened, in order. */
export interface Journal<T> {
  readonly all: readonly T[];
  readonly add: (item: T) => void;
  /** Resolves when there are `count` entries or more: whether there are more, compare. */
  readonly reaches: (count: number) => Promise<void>;
}

/** One run of a handler. */
export interface Run<P> {
  readonly payload: P;
  readonly context: Context;
}

/** The runs of a handler that does nothing but write them down. */
export interface Handled<P> extends Journal<Run<P>> {
  readonly handler: (payload: P, context: Context) => void;
  readonly payloads: readonly P[];
}

/** An empty journal. `what` names it where it does not fill in time. */
export function journal<T>(watch: Watch, what: string): Journal<T> {
  const all: T[] = [];
  return {
    all,
    add: (item) => {
      all.push(item);
      watch.touch();
    },
    reaches: (count) =>
      watch.until(
        `${what} reaches ${count}`,
        () => all.length >= count,
        () => all.length,
      ),
  };
}

/** An empty journal of runs, with the handler that fills it. */
export function handled<P>(watch: Watch): Handled<P> {
  const runs = journal<Run<P>>(watch, 'the number of runs of the handler');
  return {
    all: runs.all,
    add: runs.add,
    reaches: runs.reaches,
    handler: (payload, context) => runs.add({ payload, context }),
    get payloads() {
      return runs.all.map(({ payload }) => payload);
    },
  };
}
