import { setTimeout as wait } from 'node:timers/promises';

/** Lets sending be held for a while. */
export interface Pace {
  /** A promise to wait for before the next send; undefined where sending goes on. */
  readonly held: Promise<void> | undefined;
  begin(): void;
  end(): void;
  /** No new send; resolves when none is under way. */
  hold(deadlineMs: number): Promise<void>;
  goOn(): void;
}

/** Makes one that lets everything go. */
export function pause(): Pace {
  let held: Promise<void> | undefined;
  let release = (): void => {};
  let open = 0;
  return {
    get held() {
      return held;
    },
    begin: () => void open++,
    end: () => void open--,
    async hold(deadlineMs) {
      held = new Promise((resolve) => {
        release = resolve;
      });
      for (const end = performance.now() + deadlineMs; open > 0; await wait(5)) {
        if (performance.now() > end) throw new Error(`${open} sends were still under way after ${deadlineMs} ms`);
      }
    },
    goOn() {
      held = undefined;
      release();
    },
  };
}
