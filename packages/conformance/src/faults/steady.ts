import { setTimeout as wait } from 'node:timers/promises';
import {
  type App,
  createApp,
  type InterceptorFactory,
  isMessagingError,
  type RetryPolicy,
  type TransportDefinition,
} from '@omnibus/core';
import { Work, workQueue } from './contracts.js';
import { type Books, books, type Counts } from './counts.js';
import type { ConsumerProcess, Field, Outcome } from './fault.js';
import { type Pace, pause } from './pace.js';

/** How a run differs from the usual: 64 keys, 200 sends at a time, handlers that take no time. */
export interface SteadyOptions {
  readonly ordered?: boolean;
  readonly publisher?: TransportDefinition;
  readonly consumer?: TransportDefinition;
  /** Consumers in this process; 0 where others consume. */
  readonly consumers?: number;
  readonly concurrency?: number;
  readonly retry?: RetryPolicy;
  /** What a handler does before the message counts as handled; a throw is a failure. */
  readonly handler?: (id: string, n: number) => Promise<void>;
  readonly keys?: number;
  readonly outstanding?: number;
  readonly provision?: 'create' | 'assume';
  /** The queue takes this many messages and refuses the rest. */
  readonly smallQueue?: number;
  readonly sendTimeoutMs?: number;
  /** What happens when this part of the run (0 to 1) is acknowledged; in order. */
  readonly at?: readonly (readonly [part: number, what: (run: Running) => Promise<void>])[];
  readonly interceptors?: readonly InterceptorFactory[];
}

/** A run under way, for what happens to it. */
export interface Running {
  readonly queue: string;
  readonly publisher: App;
  readonly consumers: readonly App[];
  readonly books: Books;
  /** Does something while nothing is under way: no send unresolved, no message on the queue. Then sending goes on. */
  quiet(what: () => Promise<void>): Promise<void>;
  /** Counts what another process tells that it handled, and resolves when it told the first. */
  told(process: ConsumerProcess): Promise<void>;
}

let runs = 0;

/** Publishes and consumes steadily while things happen, then lets everything arrive, and counts. */
export async function steady(field: Field, options: SteadyOptions = {}): Promise<Outcome> {
  const { harness, broker, volume, deadlineMs } = field;
  const { ordered = false, consumers: count = 1, keys = 64, outstanding = 200 } = options;
  const name = `faults.${process.pid}.${++runs}`;
  const channel = workQueue(name, ordered);
  const ledger = books();
  const service = async (definition: TransportDefinition): Promise<App> =>
    createApp({
      config: {
        name: 'faults',
        transports: { broker: definition },
        default: 'broker',
        provision: options.provision ?? 'create',
        sendTimeoutMs: options.sendTimeoutMs ?? deadlineMs,
      },
      transports: [harness.factory],
      producers: [channel],
      interceptors: options.interceptors ?? [],
    });
  const publisher = await service(options.publisher ?? broker.definition());
  let last = performance.now();
  let recoveryMs = 0;
  const consumers = await Promise.all(
    Array.from({ length: count }, async () => {
      const app = await service(options.consumer ?? broker.definition());
      const consumer = {
        concurrency: options.concurrency ?? 32,
        ...(options.retry === undefined ? {} : { retry: options.retry }),
      };
      app.consumer(channel, consumer).handle(Work, async (sample) => {
        await options.handler?.(sample.id, sample.n);
        const now = performance.now();
        recoveryMs = Math.max(recoveryMs, now - last);
        last = now;
        ledger.handle(sample);
      });
      return app;
    }),
  );
  const pace = pause();
  const running: Running = {
    queue: name,
    publisher,
    consumers,
    books: ledger,
    async quiet(what) {
      await pace.hold(deadlineMs);
      await until('all is handled', async () => ledger.missing === 0 && (await broker.count(name)) === 0, deadlineMs);
      await what();
      pace.goOn();
    },
    told: (process) =>
      new Promise((resolve) =>
        process.onTold((id) => {
          const index = Number(id.slice(1));
          ledger.handle({ id, key: `k${index % keys}`, n: Math.floor(index / keys) });
          resolve();
        }),
      ),
  };
  try {
    if (options.smallQueue !== undefined) await broker.makeSmallQueue(name, options.smallQueue);
    for (const app of [...consumers, publisher]) await app.start();
    await broker.settle();
    last = performance.now();
    await Promise.all([
      publish(running, channel, pace, { volume, keys, outstanding }),
      happen(running, options.at ?? [], volume, deadlineMs),
    ]);
    const dead = async (): Promise<number> => (await broker.count(`${name}.dead`)) ?? 0;
    const done = async (): Promise<boolean> => ledger.missing === 0 || (await dead()) >= ledger.missing;
    await until(`the ${ledger.missing} messages still missing are handled`, done, deadlineMs);
    const left = async (): Promise<boolean> => (await broker.count(name)) === 0;
    await until('the queue is empty', left, deadlineMs);
    return { counts: withDead(ledger.counts(), await dead()), recoveryMs: Math.round(recoveryMs), notes: notesOf(consumers) };
  } finally {
    await Promise.allSettled([publisher, ...consumers].map((app) => app.stop({ deadlineMs: 5_000 })));
  }
}

/** Waits for a condition. @throws Error at the deadline, saying what did not become true. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`within ${deadlineMs} ms it did not come true that ${what}`);
    await wait(20);
  }
}

interface Load {
  readonly volume: number;
  readonly keys: number;
  readonly outstanding: number;
}

async function publish(
  running: Running,
  channel: ReturnType<typeof workQueue>,
  pace: Pace,
  { volume, keys, outstanding }: Load,
): Promise<void> {
  const { publisher, books: ledger } = running;
  const producer = publisher.producer(channel);
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < volume) {
      if (pace.held !== undefined) await pace.held;
      if (next >= volume) return;
      const index = next++;
      const sample = { id: `m${index}`, key: `k${index % keys}`, n: Math.floor(index / keys) };
      ledger.attempt(sample);
      pace.begin();
      try {
        await producer.send(Work, sample, { id: sample.id });
        ledger.acknowledge(sample.id);
      } catch (error) {
        // its outcome is in the books: not acknowledged, and perhaps recovered; anything but the broker's failure is ours
        if (!isMessagingError(error)) throw error;
      } finally {
        pace.end();
      }
    }
  };
  await Promise.all(Array.from({ length: outstanding }, line));
}

async function happen(running: Running, at: NonNullable<SteadyOptions['at']>, volume: number, deadlineMs: number): Promise<void> {
  for (const [part, what] of at) {
    await until(`${part * 100} % of the run is acknowledged`, () => running.books.acknowledged >= part * volume, deadlineMs);
    await what(running);
  }
}

/** What ended in the dead-letter channel is accounted for. */
const withDead = (counts: Counts, count: number): Counts => ({
  ...counts,
  ok: counts.ok + Math.min(count, counts.lost),
  lost: Math.max(0, counts.lost - count),
});

function notesOf(consumers: readonly App[]): readonly string[] {
  const stats = consumers.flatMap((app) => Object.values(app.stats.consumers));
  const sum = (name: 'lost' | 'retried' | 'dead'): number => stats.reduce((all, each) => all + each[name], 0);
  const reconnects = consumers.reduce((all, app) => all + app.stats.reconnects, 0);
  return [
    `reconnects ${reconnects}`,
    `late settlements ${sum('lost')}`,
    ...(sum('dead') > 0 ? [`dead letters ${sum('dead')}`] : []),
  ];
}
