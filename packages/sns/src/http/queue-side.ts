import { type Clock, type Delivery, isMessagingError, MessagingError, type Receiver, textOf } from '@omnibus/core/transport';
import { HOLD_MS } from './holds.js';

/** What a group's own queue brings beside SNS's posts: retries, redriven messages, and what SNS could not post. */
export interface QueueSide {
  /** Keeps one receive of the queue open while the engine waits; what it brings is pushed, at most `max` of it. */
  poll(max: number, signal: AbortSignal): void;
  /** The engine does not wait any more. A receive that is open may still bring what the next wait takes. */
  rest(): void;
  /** Whether a delivery came from the queue. */
  has(delivery: Delivery): boolean;
  /** Closes the queue; what a receive that is open still brings goes back. */
  close(): Promise<void>;
}

export interface QueueSideOptions {
  readonly queue: Receiver;
  readonly clock: Clock;
  /** Most deliveries of one receive. */
  readonly batch: number;
  readonly push: (delivery: Delivery) => void;
  readonly failed: (error: MessagingError) => void;
}

/** Nothing is asked of the queue at first. */
export function queueSide({ queue, clock, batch, push, failed }: QueueSideOptions): QueueSide {
  const receipts = new WeakSet<WeakKey>();
  let wanted: { readonly max: number; readonly signal: AbortSignal } | undefined;
  let isOpen = false;
  const closing = new AbortController();

  const turn = async (): Promise<void> => {
    while (wanted !== undefined && !wanted.signal.aborted && !closing.signal.aborted) {
      const { max, signal } = wanted;
      const either = AbortSignal.any([signal, closing.signal]);
      for (const delivery of await queue.receive(Math.min(max, batch), either)) {
        receipts.add(delivery.receipt as WeakKey);
        // the engine knows one length of lock for all that it receives; the queue goes by its own
        delivery.lockedUntil = Math.min(delivery.lockedUntil, clock.monotonic() + HOLD_MS);
        push(delivery);
        wanted = undefined;
      }
    }
  };
  return {
    poll(max, signal) {
      wanted = { max, signal };
      if (isOpen) return;
      isOpen = true;
      turn()
        .catch((error: unknown) =>
          failed(
            isMessagingError(error)
              ? error
              : new MessagingError('CONNECTION', `sns: receiving beside SNS's posts failed: ${textOf(error)}`, { cause: error }),
          ),
        )
        .finally(() => {
          isOpen = false;
        });
    },
    rest() {
      wanted = undefined;
    },
    has: ({ receipt }) => typeof receipt === 'object' && receipt !== null && receipts.has(receipt),
    close() {
      closing.abort();
      return queue.close();
    },
  };
}
