import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition, which is looked at every 20 ms or as told. @throws Error at the deadline, saying what did not become true. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  everyMs = 20,
): Promise<void> {
  if (!(await became(condition, deadlineMs, everyMs)))
    throw new Error(`within ${deadlineMs} ms it did not come true that ${what}`);
}

/** Waits for a condition, and says whether it became true in time. */
export async function became(condition: () => boolean | Promise<boolean>, deadlineMs: number, everyMs = 20): Promise<boolean> {
  for (const end = performance.now() + deadlineMs; !(await condition()); await wait(everyMs)) {
    if (performance.now() > end) return false;
  }
  return true;
}
