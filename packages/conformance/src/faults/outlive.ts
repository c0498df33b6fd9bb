import type { Running } from './steady.js';
import { until } from './until.js';

/**
 * Does something to the whole broker while sends are under way and all is well, and waits until all is well again. Gives the
 * milliseconds that the services took for that once the broker was back.
 */
export async function outlive(
  { publisher, consumer, busy }: Running,
  breakAndMend: () => Promise<void>,
  deadlineMs: number,
): Promise<number> {
  const isWell = async (): Promise<boolean> => (await publisher.health()).ok && (await consumer.health()).ok;
  await until('the services are connected', isWell, deadlineMs);
  await busy();
  await breakAndMend();
  const back = performance.now();
  await until('the services are connected again', isWell, deadlineMs);
  return Math.round(performance.now() - back);
}

/** For the notes of an outcome. */
export const resumed = (took: readonly number[]): string => `services resumed ${took.join(' and ')} ms after the broker was back`;
