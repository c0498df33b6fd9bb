import type { App } from './app-types.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const LONGEST_MS = 2_147_483_647;

/**
 * Starts the app, drains it on the first SIGTERM or SIGINT, also while it still starts; does not wait any longer on a second.
 * Its listeners are gone when it resolves. Until then it keeps the process alive: a link that is down while a consumer is paused, or
 * nothing is being sent, leaves no socket that would.
 */
export async function runUntilSignal(
  app: Pick<App, 'start' | 'stop'>,
  options: { readonly deadlineMs?: number | undefined },
): Promise<void> {
  let signalled = 0;
  let first: () => void = () => {};
  let second: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    first = resolve;
  });
  const hurried = new Promise<void>((resolve) => {
    second = resolve;
  });
  const listen = (): void => {
    signalled++;
    if (signalled === 1) first();
    else second();
  };
  for (const signal of SIGNALS) process.on(signal, listen);
  const alive = setInterval(() => {}, LONGEST_MS);
  try {
    const started = app.start();
    started.catch(() => {}); // a start that the signal cut short has nobody left to tell
    await Promise.race([started, asked]);
    await asked;
    await Promise.race([app.stop(options), hurried]);
  } finally {
    clearInterval(alive);
    for (const signal of SIGNALS) process.off(signal, listen);
  }
}
