const GRACE_MS = 500; // for what waits inside to say what it waited for
const POLL_MS = 20; // for what tells nobody that it changed: counters, the broker's own view

/** Waiting for things to become true, within one deadline for all. */
export interface Watch {
  /** Something happened: look again. */
  touch(): void;
  /**
   * Resolves when the condition holds. Looks whenever something was recorded, and every 20 ms besides.
   * @throws Error that says what did not become true, and what was seen instead
   */
  until(what: string, condition: () => boolean | Promise<boolean>, seen?: () => unknown): Promise<void>;
  /** Resolves to what the work resolves to. @throws Error when the time is up. */
  within<T>(what: string, work: Promise<T>): Promise<T>;
}

/** A watch whose time starts now. */
export function watch(deadlineMs: number): Watch {
  const end = performance.now() + deadlineMs;
  const waiting = new Set<() => void>();
  const left = (): number => Math.max(0, end - performance.now());

  /** Until something happens, but not longer than a poll. */
  const glance = (): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, POLL_MS);
      waiting.add(wake);
    });

  return {
    touch() {
      for (const wake of [...waiting]) wake();
    },
    async until(what, condition, seen) {
      while (!(await condition())) {
        if (left() === 0) {
          const instead = seen === undefined ? '' : `; seen: ${JSON.stringify(seen())}`;
          throw new Error(`within ${deadlineMs} ms it did not become true that ${what}${instead}`);
        }
        await glance();
      }
    },
    async within(what, work) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} did not end within ${deadlineMs} ms`)), left() + GRACE_MS);
      });
      try {
        return await Promise.race([work, late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
