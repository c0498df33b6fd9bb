import type { Clock } from '../transport/clock.js';
import type { Message } from '../transport/message.js';
import type { Failures, Sender } from '../transport/transport.js';
import { asMessagingError } from './link-error.js';
import type { Pending } from './pending.js';
import { sendAround } from './send-around.js';

/** One call of a sender. */
export interface Flight {
  readonly sender: Sender;
  readonly items: readonly Pending[];
  /** Ms on `Clock.monotonic()` when it left. */
  readonly since: number;
}

export interface FlightsOptions {
  readonly what: string;
  readonly clock: Clock;
  readonly around: ((count: number, next: () => Promise<void>) => Promise<void>) | undefined;
  /** The call has ended, perhaps long after `lost`: a message is still the call's own only where `item.flight` says so. */
  readonly landed: (flight: Flight, failures: Failures) => void;
}

/** The calls of a sender that have not ended. */
export interface Flights {
  /** Messages in them. */
  readonly count: number;
  /** The one that left first. */
  readonly oldest: Flight | undefined;
  depart(sender: Sender, items: readonly Pending[]): void;
  /** The link is gone: their messages are in no call any more, and nobody knows whether the broker has them. */
  lost(): void;
}

export function createFlights({ what, clock, around, landed }: FlightsOptions): Flights {
  const flights = new Set<Flight>();
  let count = 0;
  async function fly(flight: Flight, batch: readonly Message[]): Promise<void> {
    let failures: Failures;
    try {
      failures = await (around === undefined ? flight.sender.send(batch) : sendAround(around, flight.sender, batch, what));
    } catch (error) {
      const thrown = asMessagingError(error, `send to ${what}`);
      failures = batch.map((_, index) => ({ index, error: thrown }));
    }
    if (flights.delete(flight)) count -= batch.length;
    landed(flight, failures);
  }
  return {
    get count() {
      return count;
    },
    get oldest() {
      return flights.values().next().value;
    },
    depart(sender, items) {
      const flight: Flight = { sender, items, since: clock.monotonic() };
      const batch = new Array<Message>(items.length);
      for (let index = 0; index < items.length; index++) {
        const item = items[index]!;
        item.flight = flight;
        batch[index] = item.message;
      }
      flights.add(flight);
      count += items.length;
      void fly(flight, batch);
    },
    lost() {
      for (const { items } of flights) {
        for (const item of items) {
          item.flight = undefined;
          item.unknown = true;
        }
      }
      flights.clear();
      count = 0;
    },
  };
}
