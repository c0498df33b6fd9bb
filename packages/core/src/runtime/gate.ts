/** Runs at most so many steps at one time; the others wait, first come, first served, until their signal aborts. */
export type Gate = <T>(signal: AbortSignal, step: () => Promise<T>) => Promise<T>;

export function gate(most: number): Gate {
  const waiting = new Set<() => void>();
  let running = 0;

  const enter = (signal: AbortSignal): Promise<void> => {
    if (running < most) {
      running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  };
  const leave = (): void => {
    const [next] = waiting;
    if (next === undefined) running--;
    else {
      waiting.delete(next); // it takes over the place
      next();
    }
  };

  return async (signal, step) => {
    signal.throwIfAborted();
    await enter(signal);
    try {
      return await step();
    } finally {
      leave();
    }
  };
}
