import { Fifo } from './fifo.js';
import type { Task } from './task.js';

/** Messages of one key: the head runs or waits for its next attempt, the others wait behind it. */
export interface Lane {
  readonly key: string;
  head: Task | undefined;
  readonly followers: Fifo<Task>;
}

/**
 * Order per key inside this process. Lanes outlive sessions: a key that comes back on a new link waits for the handler that
 * still runs from the old one.
 */
export interface Lanes {
  /** `head`: run it. `behind`: it waits. `shut`: its lane is being given back, so it has to go back too. */
  enter(task: Task): 'head' | 'behind' | 'shut';
  /** The head is done with; gives the next one to run. */
  leave(lane: Lane): Task | undefined;
  /** Gives up a lane: its followers are returned, and until `reopen` whatever comes of its key is shut out. */
  shut(lane: Lane): readonly Task[];
  /** What `shut` gave back has reached the broker. */
  reopen(lane: Lane): void;
  /** Forgets followers that do not pass the test. */
  keep(test: (task: Task) => boolean): void;
}

export function lanes(): Lanes {
  const open = new Map<string, Lane | 'shut'>();
  return {
    enter(task) {
      const key = task.delivery.key ?? '';
      const lane = open.get(key);
      if (lane === 'shut') return 'shut';
      if (lane === undefined) {
        task.lane = { key, head: task, followers: new Fifo() };
        open.set(key, task.lane);
        return 'head';
      }
      task.lane = lane;
      lane.followers.push(task);
      return 'behind';
    },
    leave(lane) {
      lane.head = lane.followers.shift();
      if (lane.head === undefined && open.get(lane.key) === lane) open.delete(lane.key);
      return lane.head;
    },
    shut(lane) {
      open.set(lane.key, 'shut');
      return lane.followers.drain();
    },
    reopen(lane) {
      if (open.get(lane.key) === 'shut') open.delete(lane.key);
    },
    keep(test) {
      for (const lane of open.values()) if (lane !== 'shut') lane.followers.keep(test);
    },
  };
}
