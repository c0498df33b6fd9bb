import type { Field } from './fault.js';
import type { ConsumerProcess, ConsumerScript } from './process.js';
import type { Running } from './steady.js';
import { became } from './until.js';

/** What an instance did once SIGTERM had come. */
export interface Drain {
  /** Handlers that ran when it came. */
  readonly inFlight: number;
  /** Handlers that began afterwards. */
  readonly begunAfter: readonly string[];
}

/** One instance of a consumer, in a process of its own. */
export interface Instance {
  /** Resolves as soon as a handler runs, and after so long in any case. */
  busy(withinMs: number): Promise<void>;
  /** SIGTERM; resolves when it is gone. @throws Error where it did not end well */
  drain(): Promise<Drain>;
  kill(): Promise<void>;
}

/** Starts an instance; what it handles is in the books of the run. */
export async function startInstance(
  field: Field,
  { work, told }: Pick<Running, 'work' | 'told'>,
  how: Required<Pick<ConsumerScript, 'version' | 'handlerMs'>>,
): Promise<Instance> {
  const script = { definition: field.broker.definition(), channel: work.channel.name, shape: work.shape };
  const process = await field.harness.process({ ...script, ...how, does: 'serve' });
  void told(process);
  return watched(process);
}

function watched(process: ConsumerProcess): Instance {
  const running = new Set<string>();
  const begunAfter: string[] = [];
  let inFlight: number | undefined;
  process.onTold((told) => {
    if (told.what === 'stopping') inFlight = running.size;
    if (told.what === 'effect') running.delete(told.id);
    if (told.what !== 'began') return;
    running.add(told.id);
    if (inFlight !== undefined) begunAfter.push(told.id);
  });
  return {
    async busy(withinMs) {
      await became(() => running.size > 0, withinMs, 1);
    },
    async drain() {
      await process.stop();
      if (inFlight === undefined) throw new Error('an instance ended without having heard of SIGTERM');
      return { inFlight, begunAfter };
    },
    kill: () => process.kill(),
  };
}
