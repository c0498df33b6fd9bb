import { ACK, type Delivery, RELEASE, type Receiver, type Subscription } from '@omnibus/core/transport';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Bench, bench, ids, message, poll, queue, stream, subscription, topic } from './support.js';

const LOCK_MS = 1_000;
const RECEIVERS = 3;
const NOTHING_LEFT = { ready: 0, unsettled: 0, delayed: 0, expired: 0 };

type Step =
  | { readonly type: 'send'; readonly keys: readonly (string | undefined)[]; readonly delayMs: number }
  | { readonly type: 'receive'; readonly receiver: number; readonly max: number }
  /** `of`: which of those that the receiver holds or held, as a share of them. */
  | {
      readonly type: 'ack' | 'retry' | 'release' | 'extend';
      readonly receiver: number;
      readonly of: readonly number[];
      readonly ms: number;
    }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'close'; readonly receiver: number }
  | { readonly type: 'disconnect' };

const receiver = fc.nat(RECEIVERS - 1);
const ms = fc.constantFrom(0, 1, 300, 1_000, 2_500);
const step = (delays: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('send' as const),
        keys: fc.array(fc.constantFrom('a', 'b', 'c', undefined), { minLength: 1, maxLength: 5 }),
        delayMs: delays ? fc.constantFrom(0, 0, 0, 500) : fc.constant(0),
      }),
    },
    { weight: 6, arbitrary: fc.record({ type: fc.constant('receive' as const), receiver, max: fc.integer({ min: 1, max: 4 }) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constantFrom('ack' as const, 'ack' as const, 'retry' as const, 'release' as const, 'extend' as const),
        receiver,
        of: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 3 }),
        ms,
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), receiver }) },
    { weight: 1, arbitrary: fc.constant({ type: 'disconnect' as const }) },
  );

/** What must be true of one message, told apart from the broker by what was seen. */
interface Fate {
  readonly id: string;
  readonly key: string | undefined;
  /** Hand-outs that count. */
  deliveries: number;
  state: 'ready' | 'held' | 'acked';
  /** While held: by whom, and its delivery. */
  holder: number;
  delivery: Delivery | undefined;
  lockedUntil: number;
  /** Not before this moment. */
  dueAt: number;
  retried: boolean;
}

/** Drives the broker and a model of it side by side. */
class Run {
  readonly fates = new Map<string, Fate>();
  private readonly receivers: (Receiver | undefined)[] = new Array<undefined>(RECEIVERS);
  /** Every delivery that a receiver ever had: stale ones are settled too. */
  private readonly seen: Delivery[][] = Array.from({ length: RECEIVERS }, () => []);
  /** Ids in the order of their first hand-out. */
  readonly firsts: string[] = [];

  constructor(
    private readonly bench: Bench,
    private readonly from: Subscription,
  ) {}

  async step(next: Step): Promise<void> {
    if (next.type === 'send') return this.send(next.keys, next.delayMs);
    if (next.type === 'receive') return this.receive(next.receiver, next.max);
    if (next.type === 'wait') return this.wait(next.ms);
    if (next.type === 'close') return this.close(next.receiver);
    if (next.type === 'disconnect') return this.disconnect();
    const seen = this.seen[next.receiver]!;
    const some = new Set(next.of.map((share) => seen[Math.floor(share * seen.length)]!));
    return this.settle(next.type, next.receiver, seen.length === 0 ? [] : [...some], next.ms);
  }

  async send(keys: readonly (string | undefined)[], delayMs: number): Promise<void> {
    const batch = keys.map((key, index) => message(String(this.fates.size + index + 1).padStart(4, '0'), { key, delayMs }));
    const none = { deliveries: 0, state: 'ready', holder: -1, delivery: undefined, lockedUntil: 0, retried: false } as const;
    for (const { id, key } of batch) this.fates.set(id, { id, key, ...none, dueAt: this.now() + delayMs });
    const sender = await this.bench.transport.sender(this.from.channel);
    expect(await sender.send(batch)).toEqual([]);
    await sender.close();
  }

  async receive(index: number, max: number): Promise<void> {
    const open = this.receivers[index] ?? (await this.bench.transport.receiver(this.from));
    this.receivers[index] = open;
    for (const delivery of await poll(open, max)) {
      const fate = this.fates.get(delivery.id)!;
      expect(fate.state, `${fate.id} is handed out while it is ${fate.state}`).toBe('ready');
      expect(fate.dueAt, `${fate.id} comes before it is due`).toBeLessThanOrEqual(this.now());
      this.checkKey(fate, index);
      fate.deliveries += 1;
      expect(delivery.deliveries).toBe(fate.deliveries);
      Object.assign(fate, { state: 'held', holder: index, delivery, lockedUntil: this.now() + LOCK_MS, retried: false });
      expect(delivery.lockedUntil).toBe(fate.lockedUntil);
      this.seen[index]!.push(delivery);
      if (!this.firsts.includes(fate.id)) this.firsts.push(fate.id);
    }
  }

  /** On an ordered channel: nobody else holds the key and none of its messages waits for a retry. */
  private checkKey(fate: Fate, index: number): void {
    for (const other of this.sameKey(fate)) {
      if (other.state === 'held') expect(other.holder, `${fate.id} overtakes ${other.id}`).toBe(index);
      const waits = other.state === 'ready' && other.retried && other.dueAt > this.now();
      expect(waits, `${fate.id} overtakes ${other.id}, which waits for its retry`).toBe(false);
    }
  }

  private sameKey({ id, key }: Fate): Fate[] {
    if (!this.from.ordered || key === undefined) return [];
    return [...this.fates.values()].filter((other) => other.key === key && other.id !== id);
  }

  async settle(
    type: 'ack' | 'retry' | 'release' | 'extend',
    index: number,
    batch: readonly Delivery[],
    delayMs: number,
  ): Promise<void> {
    const open = this.receivers[index];
    if (open === undefined) return;
    const verdict = type === 'retry' ? { type, delayMs } : type === 'ack' ? ACK : RELEASE;
    const failures = type === 'extend' ? await open.extend!(batch, delayMs + 1) : await open.settle(batch, verdict);
    for (const [at, delivery] of batch.entries()) {
      const fate = this.fates.get(delivery.id)!;
      const current = fate.delivery === delivery;
      const failed = failures.some((failure) => failure.index === at);
      if (current) expect(failed, `${fate.id} is held and could not be settled`).toBe(false);
      if (!current || type === 'extend') {
        if (current) fate.lockedUntil = this.now() + delayMs + 1;
        continue;
      }
      if (type === 'ack') Object.assign(fate, { state: 'acked', delivery: undefined });
      if (type === 'release') this.back(fate, false);
      if (type === 'retry') {
        this.back(fate, true);
        Object.assign(fate, { retried: true, dueAt: this.now() + delayMs });
      }
    }
  }

  async wait(forMs: number): Promise<void> {
    const end = this.now() + forMs;
    const next = (): Fate | undefined =>
      [...this.fates.values()]
        .filter(({ state, lockedUntil }) => state === 'held' && lockedUntil <= end)
        .sort((one, other) => one.lockedUntil - other.lockedUntil)[0];
    for (let fate = next(); fate !== undefined; fate = next()) {
      const { holder } = fate;
      for (const lost of [fate, ...this.sameKey(fate)])
        if (lost.state === 'held' && lost.holder === holder) this.back(lost, true);
    }
    await this.bench.clock.advance(forMs);
  }

  async close(index: number): Promise<void> {
    await this.receivers[index]?.close();
    this.receivers[index] = undefined;
    this.seen[index] = [];
    for (const fate of this.fates.values()) if (fate.state === 'held' && fate.holder === index) this.back(fate, false);
  }

  async disconnect(): Promise<void> {
    this.bench.broker.disconnect();
    for (const fate of this.fates.values()) if (fate.state === 'held') this.back(fate, true);
    for (let index = 0; index < RECEIVERS; index++) await this.close(index);
    await this.bench.transport.connect();
  }

  /** Closes all, waits for what is delayed and takes the rest. */
  async drain(): Promise<void> {
    for (let index = 0; index < RECEIVERS; index++) await this.close(index);
    await this.wait(10_000);
    for (let round = 0; round <= this.fates.size; round++) {
      await this.receive(0, 100);
      await this.settle('ack', 0, this.seen[0]!, 0);
    }
  }

  private back(fate: Fate, counts: boolean): void {
    Object.assign(fate, { state: 'ready', delivery: undefined, deliveries: counts ? fate.deliveries : fate.deliveries - 1 });
  }

  private now(): number {
    return this.bench.clock.monotonic();
  }
}

it.each<[string, Subscription, boolean]>([
  ['a queue', subscription(queue()), true],
  ['an ordered queue', subscription(queue({ ordered: true })), true],
  ["a topic's group", subscription(topic(), 'one'), true],
  ['a stream of one partition', subscription(stream(), 'one'), false],
  ['an ordered stream', subscription(stream({ ordered: true }), 'one'), false],
])('loses nothing on %s, hands out nothing twice at one time and keeps the order of each key', async (kind, from, delays) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step(delays), { maxLength: 60, size: 'max' }), fc.constantFrom(1, 3), async (steps, partitions) => {
      const made = await bench({ lockMs: LOCK_MS, partitions }, from);
      const run = new Run(made, from);
      for (const next of steps) await run.step(next);
      await run.drain();
      expect(ids([...run.fates.values()].filter(({ state }) => state !== 'acked'))).toEqual([]);
      expect(made.broker.inspect(from.address) ?? made.broker.inspect(from.channel.address)).toMatchObject(NOTHING_LEFT);
      const delayed = steps.some((next) => next.type === 'send' && next.delayMs > 0);
      if (delayed || (kind.includes('stream') && partitions > 1)) return;
      const keys = from.ordered ? ['a', 'b', 'c'] : [undefined];
      for (const key of keys) {
        const ofKey = run.firsts.filter((id) => key === undefined || run.fates.get(id)!.key === key);
        expect(ofKey).toEqual([...ofKey].sort());
      }
    }),
    { numRuns: 150 },
  );
});
