import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 5;

/** Resolves when the condition holds. @throws Error with what `missing` says when it does not by the deadline. */
export async function until(condition: () => boolean, deadlineMs: number, missing: () => string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not done after ${deadlineMs / 1_000} s: ${missing()}`);
    await sleep(POLL_MS);
  }
}
