import { setTimeout as wait } from 'node:timers/promises';

/** How fast sending goes, and how far. */
export interface Pace {
  /** Whether the message of this number may be sent; where not, `changed` tells when to ask again. */
  free(index: number): boolean;
  changed(): Promise<void>;
  begin(): void;
  end(): void;
  /** Sends that have ended, one way or the other. */
  readonly ended: number;
  /** Resolves when a send is under way; at once where one is, or none may begin. */
  busy(): Promise<void>;
  /** Numbers from here on wait until the limit is raised. */
  limit(index: number): void;
  /** No new send; resolves when none is under way. @throws Error at the deadline */
  hold(deadlineMs: number): Promise<void>;
  goOn(): void;
}

/** Makes one that lets everything go. */
export function createPace(): Pace {
  let end = Number.POSITIVE_INFINITY;
  let held = false;
  let open = 0;
  let begun = 0;
  let ended = 0;
  let waiting: (() => void)[] = [];
  const look = (): void => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  return {
    free: (index) => !held && index < end,
    changed: () => new Promise((resolve) => waiting.push(resolve)),
    begin() {
      open++;
      begun++;
      look();
    },
    end() {
      open--;
      ended++;
    },
    get ended() {
      return ended;
    },
    async busy() {
      while (open === 0 && !held && begun < end) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    limit(index) {
      end = index;
      look();
    },
    async hold(deadlineMs) {
      held = true;
      for (const until = performance.now() + deadlineMs; open > 0; await wait(5)) {
        if (performance.now() > until) throw new Error(`${open} sends were still under way after ${deadlineMs} ms`);
      }
    },
    goOn() {
      held = false;
      look();
    },
  };
}
