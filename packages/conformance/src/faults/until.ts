import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition. @throws Error at the deadline, saying what did not become true. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void> {
  if (!(await became(condition, deadlineMs))) throw new Error(`within ${deadlineMs} ms it did not come true that ${what}`);
}

/** Waits for a condition, and says whether it became true in time. */
export async function became(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
  for (const end = performance.now() + deadlineMs; !(await condition()); await wait(20)) {
    if (performance.now() > end) return false;
  }
  return true;
}
