import {
  type App,
  createApp,
  type IdempotencyStore,
  type InterceptorFactory,
  type RetryPolicy,
  type TransportDefinition,
} from '@omnibus/core';
import { type WorkChannel, workChannel } from './contracts.js';
import { type Books, books, clockMs } from './counts.js';
import type { Field, Outcome } from './fault.js';
import { longestGapMs } from './gaps.js';
import { indexOf, publish, sampleOf } from './load.js';
import { createPace, type Pace } from './pace.js';
import type { ConsumerProcess } from './process.js';
import { became, until } from './until.js';

/** How a run differs from the usual: 64 keys, a line of sends for every tenth message (200 at most), handlers that take no time. */
export interface SteadyOptions {
  readonly ordered?: boolean;
  readonly publisher?: TransportDefinition;
  readonly consumer?: TransportDefinition;
  /** Whether a consumer in this process takes part. Default true. */
  readonly consumes?: boolean;
  /** Handlers that run at the same time. Default 32. */
  readonly concurrency?: number;
  readonly retry?: RetryPolicy;
  /** What a handler does before the message counts as handled; a throw is a failure. */
  readonly handler?: (id: string) => Promise<void>;
  readonly idempotency?: { readonly store: IdempotencyStore };
  readonly keys?: number;
  readonly lines?: number;
  /** Ms that a line rests after each message. Default 50. */
  readonly restMs?: number;
  /** How often each message is sent, with the same id. Default 1. */
  readonly copies?: number;
  readonly provision?: 'create' | 'assume';
  /** The queue takes about this many messages and refuses the rest. */
  readonly smallQueue?: number;
  /** What happens when this part of the run (0 to 1) was sent; in order. Sending waits for it to begin, not to end. */
  readonly at?: readonly Happening[];
  /** The same services have a second channel, with handlers of its own: it is `beside` of the run. */
  readonly beside?: (id: string) => void;
  /** When all has arrived: ends what else consumes, before what is left on the queue is counted. */
  readonly end?: () => Promise<void>;
  readonly interceptors?: readonly InterceptorFactory[];
}

type Happening = readonly [part: number, what: (run: Running) => Promise<void>];

/** A run under way, for what happens to it. */
export interface Running {
  readonly work: WorkChannel;
  readonly beside: WorkChannel;
  readonly publisher: App;
  readonly consumer: App;
  readonly books: Books;
  /** Resolves when a send is under way, or none may begin. */
  readonly busy: () => Promise<void>;
  /** Does something while nothing is under way: no send unresolved, no message on the queue. Then sending goes on. */
  readonly quiet: (what: () => Promise<void>) => Promise<void>;
  /** Counts the effects that another process tells; resolves with its first word about a message. */
  readonly told: (process: ConsumerProcess) => Promise<void>;
}

let runs = 0;

/** Publishes and consumes steadily while things happen, then lets everything arrive, and counts. */
export async function steady(field: Field, options: SteadyOptions = {}): Promise<Outcome> {
  const { broker, volume, deadlineMs } = field;
  const { keys = 64, consumes = true, at = [] } = options;
  const ordered = field.harness.ordered ?? options.ordered ?? false;
  const lines = options.lines ?? Math.max(1, Math.min(200, Math.floor(volume / 10)));
  const kind = field.harness.kind ?? 'queue';
  const name = `faults.${process.pid}.${++runs}`;
  const work = workChannel(name, { kind, ordered });
  const beside = workChannel(`${name}.beside`, { kind, ordered });
  const channels = options.beside === undefined ? [work] : [work, beside];
  const { address, dead } = work;
  const ledger = books();
  const pace = createPace();
  const publisher = await service(field, options, options.publisher, ...channels);
  const consumer = await service(field, options, options.consumer, ...channels);
  const { concurrency = 32, retry, idempotency } = options;
  if (consumes)
    work.consume(consumer, { concurrency, retry, idempotency }, async (sample) => {
      await options.handler?.(sample.id);
      ledger.handle(sample);
    });
  if (options.beside !== undefined) beside.consume(consumer, { concurrency }, async ({ id }) => options.beside?.(id));
  const apps = [consumer, publisher];
  const count = async (address: string): Promise<number> => (await broker.count(address)) ?? 0;
  const isAllSeen = async (): Promise<boolean> => {
    if (ledger.missing === 0) return true;
    if ((await count(dead)) < ledger.missing) return false;
    for (const id of await broker.ids(dead)) ledger.bury(id);
    return ledger.counts().lost === 0;
  };
  const running: Running = {
    work,
    beside,
    publisher,
    consumer,
    books: ledger,
    busy: () => pace.busy(),
    async quiet(what) {
      await pace.hold(deadlineMs);
      await until('all is handled', async () => ledger.missing === 0 && (await count(address)) === 0, deadlineMs);
      await what();
      pace.goOn();
    },
    told: (process) => firstWord(process, (id, at) => ledger.handle(sampleOf(indexOf(id), keys), at)),
  };
  try {
    if (options.smallQueue !== undefined) await broker.makeSmallQueue?.(address, options.smallQueue);
    for (const app of apps) await app.start();
    const began = clockMs();
    const load = { volume, keys, lines, restMs: options.restMs ?? 50, copies: options.copies ?? 1 };
    await Promise.all([
      happen(at, { running, pace, volume, deadlineMs }),
      publish(publisher, work.channel, { ledger, pace, load }),
    ]);
    await became(isAllSeen, deadlineMs);
    await became(async () => (await count(address)) === 0, deadlineMs);
    await options.end?.();
    const reconnects = { publisher: publisher.stats.reconnects, consumer: consumer.stats.reconnects };
    // what consumers hold comes back to the queue when they are gone, and is counted there
    await Promise.all(apps.map((app) => app.stop({ deadlineMs: 10_000 })));
    for (const id of await broker.ids(dead)) ledger.bury(id);
    return {
      counts: ledger.counts(),
      left: await count(address),
      recoveryMs: Math.round(longestGapMs(ledger.handlings(), began, ledger.missing > 0 ? clockMs() : began)),
      reconnects,
      notes: [],
    };
  } finally {
    await Promise.allSettled(apps.map((app) => app.stop({ deadlineMs: 5_000 })));
  }
}

/** A service that can send on the channels; not started. */
export async function service(
  { harness, broker, deadlineMs }: Field,
  { provision = 'create', interceptors = [] }: SteadyOptions,
  definition: TransportDefinition | undefined,
  ...work: readonly WorkChannel[]
): Promise<App> {
  const transports = { broker: definition ?? broker.definition() };
  const channels = Object.assign({}, ...work.map((one) => one.channels)) as WorkChannel['channels'];
  return createApp({
    config: { name: 'faults', transports, default: 'broker', channels, provision, sendTimeoutMs: deadlineMs },
    transports: [harness.factory],
    producers: work.map(({ channel }) => channel),
    interceptors,
  });
}

interface Stage {
  readonly running: Running;
  readonly pace: Pace;
  readonly volume: number;
  readonly deadlineMs: number;
}

/** Lets things happen at their parts of the run: sending passes a part by 5 % at most before what belongs there has begun. */
async function happen(at: readonly Happening[], { running, pace, volume, deadlineMs }: Stage): Promise<void> {
  const limits = [...at.map(([part]) => Math.ceil((part + 0.05) * volume)), Number.POSITIVE_INFINITY];
  pace.limit(limits[0]!);
  for (const [index, [part, what]] of at.entries()) {
    await until(`${part * 100} % of the run is sent`, () => pace.ended >= part * volume, deadlineMs);
    const ended = what(running);
    pace.limit(limits[index + 1]!);
    await ended;
  }
}

function firstWord(process: ConsumerProcess, effect: (id: string, at: number) => void): Promise<void> {
  return new Promise((resolve) =>
    process.onTold((told) => {
      if (told.what === 'consumes' || told.what === 'stopping') return;
      if (told.what === 'effect') effect(told.id, told.at);
      resolve();
    }),
  );
}
