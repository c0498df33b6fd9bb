import { type Batcher, type BatcherOptions, createBatcher } from '../../src/runtime/batcher.js';
import type { Limits } from '../../src/transport/capabilities.js';
import { MessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { type Failures, NONE, type Sender } from '../../src/transport/transport.js';
import { type VirtualClock, virtualClock } from '../../src/transport/virtual-clock.js';

export const limitsOf = (limits: Partial<Limits> = {}): Limits => ({
  sendBatch: 100,
  sendBytes: 262_144,
  receiveBatch: 1,
  receiveCalls: 1,
  settleBatch: 1,
  delayStepMs: 0,
  batchFailure: 'each',
  headers: { count: 100, bytes: 65_536, name: /^.+$/, empty: true },
  body: 'bytes',
  lingerMs: 0,
  ...limits,
});

export const message = (id: string, key?: string, body = new Uint8Array(10), headers: Record<string, string> = {}): Message => ({
  id,
  type: 't',
  time: 0,
  contentType: 'application/json',
  body,
  headers,
  key,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
});

/** A sender whose calls end when the test says so. */
export interface ManualSender extends Sender {
  readonly calls: { readonly ids: readonly string[]; end(failures?: Failures): void; fail(error: unknown): void }[];
  /** Ids of all calls. */
  readonly ids: readonly (readonly string[])[];
}

export function manualSender(): ManualSender {
  const calls: ManualSender['calls'] = [];
  return {
    calls,
    get ids() {
      return calls.map((call) => call.ids);
    },
    send: (batch) =>
      new Promise<Failures>((resolve, reject) =>
        calls.push({ ids: batch.map(({ id }) => id), end: (failures = NONE) => resolve(failures), fail: reject }),
      ),
    close: async () => {},
  };
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly batcher: Batcher;
  readonly linkErrors: MessagingError[];
  /** Sends messages named by their ids; `a1` has the key `a`. Says how each ended: `ok`, or the error's code and outcome. */
  readonly send: (...ids: string[]) => Record<string, string>;
  readonly tick: (ms?: number) => Promise<void>;
}

export function bench(options: Partial<Omit<BatcherOptions, 'limits'>> & { limits?: Partial<Limits> } = {}): Bench {
  const clock = virtualClock();
  const linkErrors: MessagingError[] = [];
  const batcher = createBatcher({
    what: 'channel "orders" on transport "cloud"',
    ordered: false,
    lingerMs: 0,
    sendTimeoutMs: 30_000,
    maxPending: 10_000,
    maxPendingBytes: 1 << 26,
    maxInFlight: 4_096,
    clock,
    around: undefined,
    remakes: () => false,
    onLinkError: (error) => void linkErrors.push(error),
    ...options,
    limits: limitsOf(options.limits),
  });
  return {
    clock,
    batcher,
    linkErrors,
    send(...ids) {
      const ends: Record<string, string> = {};
      for (const id of ids) {
        const end = (how: string): void => {
          ends[id] = ends[id] === undefined ? how : 'twice';
        };
        batcher.send(message(id, id.replace(/\d+$/, ''))).then(
          () => end('ok'),
          (error: unknown) => end(`${(error as MessagingError).code} ${(error as MessagingError).outcome}`),
        );
      }
      return ends;
    },
    tick: (ms = 0) => clock.advance(ms),
  };
}

export const throttled = new MessagingError('THROTTLED', 'slow down');
export const missing = new MessagingError('NO_ROUTE', 'no such queue');
export const invalid = new MessagingError('INVALID', 'bad header');
export const broken = (outcome: 'failed' | 'unknown' = 'unknown') =>
  new MessagingError('CONNECTION', 'socket closed', { outcome });

export const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** How a promise ended, as one text. */
export const ended = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => {
      const { code, outcome, message: text } = error as MessagingError;
      return `${code} ${outcome}: ${text}`;
    },
  );
