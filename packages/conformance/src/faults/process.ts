import { createApp, exponential, type TransportDefinition, type TransportFactory } from '@omnibus/core';
import { type Shape, workChannel } from './contracts.js';
import { clockMs } from './counts.js';
import { until } from './until.js';

/** What a consumer in a process of its own does with a message. */
export interface ConsumerScript {
  /** As JSON: it is handed to the process. */
  readonly definition: TransportDefinition;
  /** The channel's name. */
  readonly channel: string;
  readonly shape: Shape;
  /**
   * - `stall`: its handlers begin and do not end.
   * - `effect`: they have their effect and do not end.
   * - `block`: the first of them blocks the event loop for `blockMs`; then all have their effect and end.
   * - `serve`: they take `handlerMs`, have their effect and end, until SIGTERM drains the service.
   */
  readonly does: 'stall' | 'effect' | 'block' | 'serve';
  readonly blockMs?: number;
  readonly handlerMs?: number;
  /** Of the service, for `serve`: a new one runs more handlers and has another retry policy. Default `old`. */
  readonly version?: 'old' | 'new';
}

/** What such a process tells: that it consumes, that SIGTERM came, that a handler began, or that a message had its effect. */
export type Told =
  | { readonly what: 'consumes' | 'stopping' }
  | { readonly what: 'began' | 'effect'; readonly id: string; readonly at: number };

/** A consumer in a process of its own. */
export interface ConsumerProcess extends AsyncDisposable {
  /** Called for everything that it has told, and for what it tells from now on. */
  onTold(listen: (told: Told) => void): void;
  /** SIGTERM; resolves when it is gone. @throws Error where its exit code is not 0 */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const STOP_MS = 15_000;

/** What a consumer in a process of its own runs. Resolves when a signal has drained it. */
export async function runConsumer(
  { definition, channel, shape, does, blockMs = 0, handlerMs = 0, version = 'old' }: ConsumerScript,
  factory: TransportFactory,
  tell: (told: Told) => Promise<void>,
): Promise<void> {
  const work = workChannel(channel, shape);
  const app = await createApp({
    config: { name: `faults-${version}`, transports: { broker: definition }, default: 'broker', channels: work.channels },
    transports: [factory],
  });
  let blocked = false;
  const isNew = version === 'new';
  const options = { concurrency: isNew ? 16 : 8, retry: exponential({ attempts: isNew ? 7 : 4 }) };
  work.consume(app, options, async ({ id }) => {
    if (does !== 'effect') await tell({ what: 'began', id, at: clockMs() });
    if (does === 'stall') await new Promise(() => {});
    if (does === 'block' && !blocked) {
      blocked = true;
      block(blockMs);
    }
    if (does === 'serve') await new Promise((resolve) => setTimeout(resolve, handlerMs));
    await tell({ what: 'effect', id, at: clockMs() });
    if (does === 'effect') await new Promise(() => {});
  });
  process.once('SIGTERM', () => void tell({ what: 'stopping' }));
  const running = app.run({ deadlineMs: STOP_MS });
  const consumes = until('it consumes', async () => (await app.health()).ok, 60_000);
  await Promise.race([consumes, running]); // where it cannot start, that is what to tell
  await tell({ what: 'consumes' });
  await running;
}

/** Nothing in this process runs meanwhile: no timer, no heartbeat. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
