import { type Clock, type Delivery, inbox, MessagingError, NONE, type Receiver, type Verdict } from '@omnibus/core/transport';

/** A message of the fake queue. */
interface Queued {
  readonly id: string;
  state: 'waiting' | 'out' | 'gone';
}

export interface FakeQueue {
  put(id: string): void;
  /** Verdicts in order, with the ids that they were for. */
  readonly settled: [Verdict['type'], ...string[]][];
  readonly receives: number;
  readonly closed: number;
  /** Every later receive fails. */
  fail(error: MessagingError): void;
  open(clock: Clock): Receiver;
}

/** Stands for the receiver of the group's SQS queue: holds what it gave, for 30 s, and gives back what nobody settled when it closes. */
export function fakeQueue(): FakeQueue {
  const messages: Queued[] = [];
  const settled: [Verdict['type'], ...string[]][] = [];
  let wake: () => void = () => {};
  let failure: MessagingError | undefined;
  let receives = 0;
  let closed = 0;
  return {
    settled,
    get receives() {
      return receives;
    },
    get closed() {
      return closed;
    },
    put(id) {
      messages.push({ id, state: 'waiting' });
      wake();
    },
    fail(error) {
      failure = error;
      wake();
    },
    open(clock) {
      const box = inbox(clock);
      const fill = (): void => {
        if (failure !== undefined) box.fail(failure);
        for (const queued of messages)
          if (queued.state === 'waiting') {
            queued.state = 'out';
            box.push(deliveryOf(queued, clock.monotonic() + 30_000));
          }
      };
      wake = fill;
      return {
        receive(max, signal) {
          receives++;
          if (max > 10) throw new MessagingError('INVALID', `${max} at once`);
          fill();
          return box.take(max, signal);
        },
        async settle(batch, verdict) {
          settled.push([verdict.type, ...batch.map(({ id }) => id)]);
          for (const { receipt } of batch) (receipt as Queued).state = verdict.type === 'ack' ? 'gone' : 'waiting';
          return NONE;
        },
        async close() {
          closed++;
          for (const queued of messages) if (queued.state === 'out') queued.state = 'waiting';
        },
      };
    },
  };
}

const deliveryOf = (queued: Queued, lockedUntil: number): Delivery => ({
  id: queued.id,
  type: '',
  time: 0,
  contentType: '',
  body: new Uint8Array(),
  headers: {},
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
  deliveries: 1,
  partition: undefined,
  position: undefined,
  lockedUntil,
  lease: undefined,
  receipt: queued,
  native: queued,
});
