import { MessagingError } from '../../src/transport/errors.js';
import type { Delivery, Message } from '../../src/transport/message.js';
import { type Failures, NONE, type Receiver, type Sender } from '../../src/transport/transport.js';
import type { Verdict } from '../../src/transport/verdict.js';

/** A message with every field set to something that is not its default. */
export function message(over: Partial<Message> = {}): Message {
  return {
    id: 'm-1',
    type: 'order.placed',
    time: 1_700_000_000_000,
    contentType: 'application/json',
    body: Buffer.from('{"a":1}'),
    headers: { tenant: 'acme' },
    key: 'k',
    correlationId: 'c-1',
    replyTo: 'orders.replies.1',
    delayMs: 0,
    expiresAt: Number.POSITIVE_INFINITY,
    priority: 0,
    ...over,
  };
}

export function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    ...message(),
    deliveries: 1,
    partition: undefined,
    position: undefined,
    lockedUntil: Number.POSITIVE_INFINITY,
    lease: undefined,
    receipt: {},
    native: undefined,
    ...over,
  };
}

export const deliveries = (...ids: readonly string[]): Delivery[] => ids.map((id) => delivery({ id }));

type Answer = (batch: readonly Delivery[], verdict: Verdict) => Failures | Promise<Failures>;

export interface FakeReceiver extends Receiver {
  /** What the broker has for the next `receive`. */
  readonly waiting: Delivery[];
  /** Makes deliveries available and wakes a `receive` that waits. */
  give(...some: readonly Delivery[]): void;
  /** Every settle in order: `ack a,b`, `retry 500 c`. */
  readonly log: string[];
  readonly asked: number[];
  /** What settle answers; NONE by default. */
  answer: Answer;
  closed: number;
}

/** A receiver that hands out what it is given and notes what is settled. */
export function fakeReceiver(...some: readonly Delivery[]): FakeReceiver {
  let wake: (() => void) | undefined;
  const fake: FakeReceiver = {
    waiting: [...some],
    log: [],
    asked: [],
    answer: () => NONE,
    closed: 0,
    give(...more) {
      fake.waiting.push(...more);
      wake?.();
    },
    async receive(max, signal) {
      fake.asked.push(max);
      if (fake.waiting.length === 0 && !signal.aborted && fake.closed === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return signal.aborted ? [] : fake.waiting.splice(0, max);
    },
    async settle(batch, verdict) {
      fake.log.push(`${said(verdict)} ${batch.map(({ id }) => id).join(',')}`);
      return fake.answer(batch, verdict);
    },
    async close() {
      fake.closed++;
      wake?.();
    },
  };
  return fake;
}

const said = (verdict: Verdict): string => (verdict.type === 'retry' ? `retry ${verdict.delayMs}` : verdict.type);

export interface FakeSender extends Sender {
  readonly sent: Message[];
  answer: (batch: readonly Message[]) => Failures;
  closed: number;
}

/** A sender that notes what is sent. */
export function fakeSender(): FakeSender {
  const fake: FakeSender = {
    sent: [],
    answer: () => NONE,
    closed: 0,
    async send(batch) {
      const failures = fake.answer(batch);
      const failed = new Set(failures.map(({ index }) => index));
      fake.sent.push(...batch.filter((_, index) => !failed.has(index)));
      return failures;
    },
    async close() {
      fake.closed++;
    },
  };
  return fake;
}

export const never: AbortSignal = new AbortController().signal;

export const unreachable = (): MessagingError => new MessagingError('TIMEOUT', 'no confirm within 30000 ms');

/** Everything that is ready to run has run. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
}

/** Codes of failures by index. */
export const codes = (failures: Failures): Record<number, string> =>
  Object.fromEntries(failures.map(({ index, error }) => [index, error.code]));

/** The next of a stream that fast-check made. */
export const draw = <T>(stream: Iterator<T, unknown>): T => stream.next().value as T;
