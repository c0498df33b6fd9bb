import { type Delivery, type Receiver, type VirtualClock, virtualClock } from '@omnibus/core/transport';
import type { SqsClient } from '../src/client.js';
import { DEFAULTS } from '../src/options.js';
import { openReceiver } from '../src/receiver.js';
import { toEntry, toWire } from '../src/wire.js';
import { type FakeCall, fakeSqs } from './fake-sqs.js';
import { message } from './messages.js';

const QUEUE = { name: 'orders', url: 'http://sqs/1/orders', arn: 'arn' };

export const never: AbortSignal = new AbortController().signal;

interface Bench extends ReturnType<typeof fakeSqs> {
  readonly clock: VirtualClock;
  readonly receiver: Receiver;
  /** Another receiver of the queue. */
  open(): Receiver;
  /** Puts messages into the queue; of a FIFO queue, `a1` is of group a. */
  put(...ids: readonly string[]): Promise<unknown>;
  /** The calls of this action until now. */
  made(action: FakeCall['action']): readonly FakeCall[];
  /** What the queue has, in the order sent. */
  ids(): readonly (string | undefined)[];
}

/** A queue in memory, a receiver of it, and the clock of both. */
export function bench({ isFifo = false }: { readonly isFifo?: boolean } = {}): Bench {
  const clock = virtualClock();
  const sqs = fakeSqs(clock, { isFifo });
  const open = () =>
    openReceiver({ client: sqs.client, queue: QUEUE, subscription: { ordered: isFifo }, options: DEFAULTS, clock });
  const put = (...ids: readonly string[]) =>
    sqs.client.sendMessageBatch('', {
      QueueUrl: QUEUE.url,
      Entries: ids.map((id) =>
        toEntry(id, toWire(message({ id })), {
          group: isFifo ? id[0] : undefined,
          deduplication: undefined,
          delaySeconds: undefined,
        }),
      ),
    });
  const made = (action: FakeCall['action']) => sqs.calls.filter((call) => call.action === action);
  return { ...sqs, clock, open, put, made, receiver: open(), ids: () => sqs.stored.map(({ entry }) => entry.Id) };
}

/** The next call that changes visibilities is on its way until the function that this gives is called. */
export function slow(client: SqsClient): () => void {
  const { changeVisibilityBatch } = client;
  let arrive!: () => void;
  const way = new Promise<void>((resolve) => (arrive = resolve));
  client.changeVisibilityBatch = async (...call) => {
    client.changeVisibilityBatch = changeVisibilityBatch;
    await way;
    return changeVisibilityBatch(...call);
  };
  return arrive;
}

export const ids = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(({ id }) => id);

/** Index, code and retryable of each failure. */
export const codes = (failures: Awaited<ReturnType<Receiver['settle']>>) =>
  failures.map(({ index, error }) => [index, error.code, error.retryable]);
