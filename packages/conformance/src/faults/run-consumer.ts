import { createApp, type TransportFactory } from '@omnibus/core';
import { Work, workQueue } from './contracts.js';
import type { ConsumerScript } from './fault.js';

/** What a consumer in a process of its own runs. Resolves when it consumes; it ends with its process. */
export async function runConsumer(
  { definition, queue, does }: ConsumerScript,
  factory: TransportFactory,
  tell: (id: string) => void,
): Promise<void> {
  const app = await createApp({
    config: { name: 'faults-process', transports: { broker: definition }, default: 'broker' },
    transports: [factory],
  });
  app.consumer(workQueue(queue, false), { concurrency: 8 }).handle(Work, async ({ id }) => {
    // a stalled handler had no effect that anyone could have seen, so it does not count as a handling
    tell(does === 'stall' ? '' : id);
    if (does !== 'work') await new Promise(() => {});
  });
  await app.start();
}
