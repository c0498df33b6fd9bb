/**
 * Waits for `work`, but not longer than `ms`.
 * @throws Error that says what was not done; the work itself is not stopped
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries `attempt` again and again, 50 ms apart, until it succeeds.
 * @throws Error after `ms`, with the last failure as its cause
 */
export async function until<T>(ms: number, what: string, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    try {
      return await within(Math.max(1, end - performance.now()), what, attempt());
    } catch (cause) {
      if (performance.now() + 50 >= end) throw new Error(`${what}: not done after ${ms} ms`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
