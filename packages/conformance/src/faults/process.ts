import { createApp, type TransportDefinition, type TransportFactory } from '@omnibus/core';
import { Work, workQueue } from './contracts.js';

/** What a consumer in a process of its own does with a message. */
export interface ConsumerScript {
  readonly definition: TransportDefinition;
  readonly queue: string;
  /** `stall`: its handlers begin and do not end. `effect`: they have their effect and do not end. */
  readonly does: 'stall' | 'effect';
}

/** What such a process tells: that it consumes, that a handler began, or that a message had its effect. */
export type Told = { readonly what: 'consumes' } | { readonly what: 'began' | 'effect'; readonly id: string };

/** A consumer in a process of its own. */
export interface ConsumerProcess extends AsyncDisposable {
  /** Called for everything that it tells from now on. */
  onTold(listen: (told: Told) => void): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** What a consumer in a process of its own runs. Resolves when it consumes; it ends with its process. */
export async function runConsumer(
  { definition, queue, does }: ConsumerScript,
  factory: TransportFactory,
  tell: (told: Told) => void,
): Promise<void> {
  const app = await createApp({
    config: { name: 'faults-process', transports: { broker: definition }, default: 'broker' },
    transports: [factory],
  });
  app.consumer(workQueue(queue, false), { concurrency: 8 }).handle(Work, async ({ id }) => {
    tell({ what: does === 'stall' ? 'began' : 'effect', id });
    await new Promise(() => {});
  });
  await app.start();
  tell({ what: 'consumes' });
}
