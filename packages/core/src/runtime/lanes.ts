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
  /** The head is done with; gives the next one that passes the test, to run. */
  leave(lane: Lane, test: (task: Task) => boolean): Task | undefined;
  /** Gives up a lane: its followers are returned, and until `reopen` whatever comes of its key is shut out. */
  shut(lane: Lane): readonly Task[];
  /** What `shut` gave back has reached the broker. */
  reopen(lane: Lane): void;
  /** Forgets what does not pass the test, but for heads that run, which leave by themselves; gives the heads that take over. */
  purge(test: (task: Task) => boolean): readonly Task[];
}

export function lanes(): Lanes {
  const open = new Map<string, Lane | 'shut'>();
  const leave = (lane: Lane, test: (task: Task) => boolean): Task | undefined => {
    do lane.head = lane.followers.shift();
    while (lane.head !== undefined && !test(lane.head));
    if (lane.head === undefined && open.get(lane.key) === lane) open.delete(lane.key);
    return lane.head;
  };
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
    leave,
    shut(lane) {
      open.set(lane.key, 'shut');
      return lane.followers.drain();
    },
    reopen(lane) {
      if (open.get(lane.key) === 'shut') open.delete(lane.key);
    },
    purge(test) {
      const heads: Task[] = [];
      for (const lane of open.values()) {
        if (lane === 'shut') continue;
        lane.followers.keep(test);
        if (lane.head === undefined || test(lane.head) || lane.head.state === 'running') continue;
        const head = leave(lane, test);
        if (head !== undefined) heads.push(head);
      }
      return heads;
    },
  };
}
