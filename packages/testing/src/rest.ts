/** Turns of the event loop without a change after which nothing goes on by itself: several times what the longest way takes. */
const STILL_TURNS = 20;

/** One turn of the event loop: every promise that is ready has run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Resolves when `state` has not changed for so many turns that whatever goes on waits for the clock or for something outside of this
 * process. @throws Error when that takes longer than `timeoutMs` of real time: messages go round in circles.
 */
export async function rest(state: () => string, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  let last = state();
  for (let still = 0; still < STILL_TURNS; still++) {
    await turn();
    const now = state();
    if (now === last) continue;
    if (performance.now() > end)
      throw new Error(`the app did not come to rest within ${timeoutMs} ms: its messages lead to ever more messages (${now})`);
    last = now;
    still = -1;
  }
}
