import { type Failures, type Message, type MessagingError, NONE } from '@omnibus/core/transport';
import type { Confirm, Returned } from './client.js';

/** One batch on its way to the broker. */
interface Flight {
  readonly batch: readonly Message[];
  /** Publish number of its first message. */
  readonly first: number;
  /** For each publish the index in the batch, or what became of it: `CONFIRMED`, `RETURNED`. */
  readonly indexes: number[];
  readonly failures: { index: number; error: MessagingError }[];
  /** All before it are confirmed. */
  low: number;
  /** Publishes that are not confirmed. */
  left: number;
  resolve: (failures: Failures) => void;
  reject: (error: MessagingError) => void;
}

const NOBODY = (): void => undefined;
const CONFIRMED = -1;
const RETURNED = -2;

/** One batch while it is published. Without a turn of the event loop in between: `failed` or `published` for each message, then `end`. */
interface Departure {
  /** The message never left. */
  failed(index: number, error: MessagingError): void;
  published(index: number): void;
  /** What became of the batch, once all of it is known. Rejects where the channel ended and nothing of it is known. */
  end(): Promise<Failures>;
}

/**
 * The publishes of one confirm channel that the broker has not confirmed yet. It numbers publishes from 1, as the broker does
 * (RabbitMQ, Consumer Acknowledgements and Publisher Confirms), and a whole batch costs one promise.
 */
export interface Confirms {
  depart(batch: readonly Message[]): Departure;
  /** The broker has them; `refusal` = it has not. */
  confirmed(confirm: Confirm, refusal?: MessagingError): void;
  /** The broker had no queue for it; its confirm is still to come. */
  returned(message: Returned, error: MessagingError): void;
  /** No more confirms will come. */
  abandon(error: MessagingError): void;
  /** Resolves when nothing is unconfirmed. */
  idle(): Promise<void>;
}

/** Makes the record of a channel that has published nothing yet. */
export function confirms(): Confirms {
  const flights: Flight[] = []; // in the order of their numbers
  let waiting: (() => void)[] = [];
  let next = 1;

  const land = (flight: Flight): void => {
    flight.resolve(flight.failures.length === 0 ? NONE : flight.failures);
    if (flights.length === 0) wake();
  };
  const wake = (): void => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  const mark = (flight: Flight, at: number, refusal: MessagingError | undefined): void => {
    const index = flight.indexes[at]!;
    if (index === CONFIRMED) return;
    if (refusal !== undefined && index !== RETURNED) flight.failures.push({ index, error: refusal });
    flight.indexes[at] = CONFIRMED;
    flight.left--;
  };

  return {
    depart(batch) {
      const flight: Flight = { batch, first: next, indexes: [], failures: [], low: 0, left: 0, resolve: NOBODY, reject: NOBODY };
      return {
        failed(index, error) {
          flight.failures.push({ index, error });
        },
        published(index) {
          flight.indexes.push(index);
          next++;
        },
        end() {
          flight.left = flight.indexes.length;
          if (flight.left === 0) return Promise.resolve(flight.failures);
          flights.push(flight);
          return new Promise((resolve, reject) => {
            flight.resolve = resolve;
            flight.reject = reject;
          });
        },
      };
    },

    confirmed({ deliveryTag, multiple }, refusal) {
      if (!multiple) {
        const position = flights.findIndex((flight) => deliveryTag < flight.first + flight.indexes.length);
        const flight = flights[position];
        if (flight === undefined) return;
        mark(flight, deliveryTag - flight.first, refusal);
        if (flight.left > 0) return;
        flights.splice(position, 1);
        land(flight);
        return;
      }
      for (let flight = flights[0]; flight !== undefined && flight.first <= deliveryTag; flight = flights[0]) {
        const end = Math.min(deliveryTag - flight.first + 1, flight.indexes.length);
        while (flight.low < end) mark(flight, flight.low++, refusal);
        if (flight.left > 0) return;
        flights.shift();
        land(flight);
      }
    },

    returned({ content, properties }, error) {
      // returns come in the order of the publishes, and before the confirm: it is the first that looks like it
      const { messageId = '' } = properties as { readonly messageId?: string };
      const same = ({ id, body }: Message): boolean => id === messageId && (id !== '' || content.equals(body));
      const anything = (): boolean => true; // an id that changed on its way, by half a surrogate pair
      for (const fits of [same, anything]) {
        for (const flight of flights) {
          const at = flight.indexes.findIndex((index) => index >= 0 && fits(flight.batch[index]!));
          if (at === -1) continue;
          flight.failures.push({ index: flight.indexes[at]!, error });
          flight.indexes[at] = RETURNED;
          return;
        }
      }
    },

    abandon(error) {
      for (const flight of flights.splice(0)) {
        const known = flight.failures.length > 0 || flight.left < flight.indexes.length;
        if (!known) {
          flight.reject(error);
          continue;
        }
        for (const index of flight.indexes) if (index >= 0) flight.failures.push({ index, error });
        flight.resolve(flight.failures);
      }
      wake();
    },

    idle: () => (flights.length === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
