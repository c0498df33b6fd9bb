import { AsyncLocalStorage } from 'node:async_hooks';
import { ConsumerEnd, type ConsumerEndOptions } from '../../src/runtime/consumer-end.js';
import type { MessageContext } from '../../src/runtime/context.js';
import type { Handler } from '../../src/runtime/handler.js';
import { exponential } from '../../src/runtime/retry-policy.js';
import { type ConsumerStats, consumerStats } from '../../src/runtime/stats.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery } from '../../src/transport/message.js';
import { type Failures, NONE, type Receiver } from '../../src/transport/transport.js';
import type { Verdict } from '../../src/transport/verdict.js';
import { type VirtualClock, virtualClock } from '../../src/transport/virtual-clock.js';
import { limitsOf, message } from './fakes.js';

export const delivery = (id: string, over: Partial<Delivery> = {}): Delivery => ({
  ...message(id),
  body: Buffer.from(id),
  deliveries: 1,
  partition: undefined,
  position: undefined,
  lockedUntil: Number.POSITIVE_INFINITY,
  lease: undefined,
  receipt: undefined,
  native: undefined,
  ...over,
});

/** One link's receiver: gives what is pushed, keeps book of what becomes of it. */
export class FakeReceiver implements Receiver {
  readonly waiting: Delivery[] = [];
  readonly held = new Set<Delivery>();
  /** `ack a`, `retry a 1000`, in order. */
  readonly settled: string[] = [];
  /** What no receiver may ever see. */
  readonly faults: string[] = [];
  readonly asked: number[] = [];
  readonly verdicts: Verdict[] = [];
  closed = false;
  declare extend?: NonNullable<Receiver['extend']>;
  declare seek?: NonNullable<Receiver['seek']>;
  onSettle: (batch: readonly Delivery[], verdict: Verdict) => Promise<Failures> | Failures = () => NONE;
  onClose: () => Promise<void> = async () => {};
  #wake: (() => void) | undefined;
  #failure: MessagingError | undefined;

  push(...deliveries: readonly Delivery[]): void {
    this.waiting.push(...deliveries);
    this.#wake?.();
  }
  fail(error: MessagingError): void {
    this.#failure = error;
    this.#wake?.();
  }
  async receive(max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    this.asked.push(max);
    if (max < 1) this.faults.push(`asked for ${max}`);
    if (this.waiting.length === 0 && !signal.aborted && this.#failure === undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.aborted) return [];
    const batch = this.waiting.splice(0, max);
    for (const each of batch) this.held.add(each);
    return batch;
  }
  async settle(batch: readonly Delivery[], verdict: Verdict): Promise<Failures> {
    if (this.closed) this.faults.push(`settled after close: ${batch.map(({ id }) => id).join(' ')}`);
    const failures = await this.onSettle(batch, verdict);
    const failed = new Set(failures.map(({ index }) => index));
    this.verdicts.push(verdict);
    batch.forEach((each, index) => {
      if (failed.has(index)) return;
      if (!this.held.delete(each)) this.faults.push(`settled twice, or never given: ${each.id}`);
      this.settled.push(`${verdict.type} ${each.id}${verdict.type === 'retry' ? ` ${verdict.delayMs}` : ''}`);
    });
    return failures;
  }
  async close(): Promise<void> {
    this.closed = true;
    await this.onClose();
  }
}

export interface HandlerOptions extends Partial<Handler> {
  readonly run?: (id: string, context: MessageContext) => unknown;
}

/** A handler whose payload is the message's id. */
export const handlerOf = ({ run = () => undefined, ...over }: HandlerOptions = {}): Handler => ({
  name: 'Test.handle',
  message: undefined,
  decode: (body) => Buffer.from(body).toString(),
  where: undefined,
  call: (payload, context) => run(payload as string, context as MessageContext),
  after: undefined,
  failed: undefined,
  batch: 0,
  waitMs: 0,
  timeoutMs: 0,
  ...over,
});

export interface ConsumerBench {
  readonly clock: VirtualClock;
  readonly end: ConsumerEnd;
  readonly receivers: FakeReceiver[];
  /** The receiver of the present link. */
  readonly now: FakeReceiver;
  readonly stats: ConsumerStats;
  readonly failed: MessagingError[];
  readonly lines: string[];
  /** All that is ready to run runs. */
  readonly turn: () => Promise<void>;
  /** A new link: the old receiver is lost. */
  readonly reopen: () => Promise<void>;
  readonly current: AsyncLocalStorage<MessageContext>;
}

export interface BenchOptions extends Partial<Omit<ConsumerEndOptions, 'limits' | 'handlers'>> {
  readonly limits?: Parameters<typeof limitsOf>[0];
  readonly make?: (receiver: FakeReceiver) => void;
}

export async function consumerBench(handler: Handler, { limits, make, ...over }: BenchOptions = {}): Promise<ConsumerBench> {
  const clock = virtualClock();
  const stats = consumerStats();
  const receivers: FakeReceiver[] = [];
  const failed: MessagingError[] = [];
  const lines: string[] = [];
  const current = new AsyncLocalStorage<MessageContext>();
  const note = (level: string) => (fields: object, text: string) => void lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  let ids = 0;
  const end = new ConsumerEnd({
    name: 'orders/shipping',
    limits: limitsOf({ receiveBatch: 10, settleBatch: 10, ...limits }),
    window: 16,
    settle: undefined,
    process: undefined,
    ended: undefined,
    origin: {
      channel: 'orders',
      group: 'shipping',
      log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
    },
    current,
    clock,
    newId: () => `made-${++ids}`,
    policy: exponential({ attempts: 3, firstMs: 1_000, jitter: 'none' }),
    route: () => handler,
    handlers: [handler],
    concurrency: 4,
    ordered: false,
    inPlaceMs: over.ordered === true ? Number.POSITIVE_INFINITY : -1,
    delayStepMs: 0,
    countedByBroker: false,
    crashLimit: 50,
    stats,
    receiver: async () => {
      const receiver = new FakeReceiver();
      make?.(receiver);
      receivers.push(receiver);
      return receiver;
    },
    failed: (_, error) => void failed.push(error),
    ...over,
  });
  await end.open();
  return {
    clock,
    end,
    receivers,
    get now() {
      return receivers.at(-1) as FakeReceiver;
    },
    stats,
    failed,
    lines,
    current,
    turn: () => clock.advance(0),
    reopen: async () => {
      await end.lost(new MessagingError('CONNECTION', 'cut'));
      await end.open();
    },
  };
}

/** A promise that a test ends, by name. */
export function gates(): {
  wait(name: string): Promise<unknown>;
  open(name: string, value?: unknown): void;
  fail(name: string): void;
  readonly names: string[];
} {
  const waiting = new Map<string, { resolve(value: unknown): void; reject(error: Error): void }[]>();
  const names: string[] = [];
  const take = (name: string) => {
    const first = waiting.get(name)?.shift();
    if (first === undefined) throw new Error(`nobody waits at ${name}`);
    return first;
  };
  return {
    names,
    wait: (name) => {
      names.push(name);
      return new Promise((resolve, reject) => void waiting.set(name, [...(waiting.get(name) ?? []), { resolve, reject }]));
    },
    open: (name, value) => take(name).resolve(value),
    fail: (name) => take(name).reject(new Error(`${name} failed`)),
  };
}
