import type { Clock, Timer } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import { backoffMs } from './backoff.js';
import { asMessagingError, isLinkError } from './link-error.js';

export interface PumpOptions {
  readonly receiver: Receiver;
  /** Most deliveries held at one time. */
  readonly window: number;
  /** How many are held now. */
  readonly held: () => number;
  /** Handlers could start and there is nothing to start, and no settlement is under way that would make more room. */
  readonly hungry: () => boolean;
  readonly batch: number;
  readonly calls: number;
  readonly clock: Clock;
  readonly take: (deliveries: readonly Delivery[]) => void;
  /** Nothing can be received for the moment, and it is asked again; undefined when something can. */
  readonly stuck: (error: MessagingError | undefined) => void;
  /** The receiver is gone. */
  readonly failed: (error: MessagingError) => void;
}

/**
 * Asks the receiver for what the window has room for. Not asking is the back-pressure. It keeps one call open while little
 * comes, and up to `calls` while calls come back full: twice as many after a full one, one fewer after one that brought less
 * than a quarter, one after an empty one. A call that fails for the moment (throttled, no answer) takes nothing from what is held:
 * it is made again after a pause.
 */
export class Pump {
  readonly #o: PumpOptions;
  /** Asking for less than this is put off until more is settled, so that batches stay batches; unless handlers would starve. */
  readonly #least: number;
  #abort = new AbortController();
  #open = 0;
  #asked = 0;
  #allowed = 1;
  #running = false;
  #failures = 0; // in a row
  #pause: Timer | undefined;
  #idle: (() => void)[] = [];

  constructor(options: PumpOptions) {
    this.#o = options;
    this.#least = Math.max(1, Math.min(options.batch, options.window >> 2));
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#abort = new AbortController();
    this.turn();
  }

  /** Asks no more; resolves when no call is open, or when it was started again. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#abort.abort();
    this.#pause?.cancel();
    this.#pause = undefined;
    while (this.#open > 0 && !this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** There may be room, or need. */
  turn(): void {
    while (this.#running && this.#pause === undefined && this.#open < this.#allowed) {
      const room = this.#o.window - this.#o.held() - this.#asked;
      if (room < this.#least && !(room > 0 && this.#open === 0 && this.#o.hungry())) return;
      this.#ask(Math.min(room, this.#o.batch));
    }
  }

  #ask(max: number): void {
    this.#open++;
    this.#asked += max;
    this.#o.receiver.receive(max, this.#abort.signal).then(
      (deliveries) => {
        this.#ended(max);
        if (deliveries.length === max) this.#allowed = Math.min(this.#allowed * 2, this.#o.calls);
        else if (deliveries.length === 0) this.#allowed = 1;
        else if (deliveries.length * 4 < max) this.#allowed = Math.max(1, this.#allowed - 1);
        if (this.#failures > 0) this.#o.stuck(undefined);
        this.#failures = 0;
        if (deliveries.length > 0) this.#o.take(deliveries);
        this.#wake();
        this.turn();
      },
      (thrown: unknown) => {
        this.#ended(max);
        const error = asMessagingError(thrown, 'receive failed');
        if (error.retryable && !isLinkError(error)) this.#rest(error);
        else {
          this.#running = false;
          this.#o.failed(error);
        }
        this.#wake();
      },
    );
  }

  #ended(max: number): void {
    this.#open--;
    this.#asked -= max;
  }

  /** The calls that are open go on; no other is made until the pause is over. */
  #rest(error: MessagingError): void {
    this.#allowed = 1;
    if (!this.#running || this.#pause !== undefined) return;
    this.#o.stuck(error);
    this.#pause = this.#o.clock.timer(backoffMs(this.#failures++), () => {
      this.#pause = undefined;
      this.turn();
    });
  }

  #wake(): void {
    if (this.#idle.length > 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
