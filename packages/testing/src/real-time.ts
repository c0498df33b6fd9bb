/** Resolves after `ms` of real time. */
export const real = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for `work`; if it has not ended after `patienceMs` of real time, lets virtual time pass, which it may be waiting for. */
export async function hurried<T>(work: Promise<T>, patienceMs: number, advance: () => Promise<void>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const impatient = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, patienceMs);
  });
  try {
    await Promise.race([work, impatient.then(advance)]);
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** A signal that aborts after `ms` of real time, or when `cancel` is called. */
export function deadline(ms: number): { readonly signal: AbortSignal; cancel(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return {
    signal: controller.signal,
    cancel() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
