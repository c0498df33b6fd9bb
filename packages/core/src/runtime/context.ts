import { type DeadLetter, readDeadHeader } from '../codec/dead-letter-header.js';
import { OLD_SIZE_HEADER, SIZE_HEADER } from '../codec/pointer.js';
import type { Delivery, Headers } from '../transport/message.js';
import type { Handler } from './handler.js';
import type { Logger } from './logger.js';

/** What all contexts of one consumer share. */
export interface Origin {
  readonly channel: string;
  readonly group: string | undefined;
  readonly log: Logger;
}

export const SOURCE_HEADER = 'ce-source';
export const CAUSATION_HEADER = 'ce-causationid';

/** The context of one attempt. All but the delivery is worked out when somebody asks. */
export class MessageContext {
  #abort: AbortController | undefined;
  #aborted: unknown;
  readonly #delivery: Delivery;
  readonly #handler: Handler;
  readonly #origin: Origin;
  readonly attempt: number;
  /** @internal Its body came from a store: the headers that say so are none of the application's. */
  claimed = false;

  constructor(delivery: Delivery, handler: Handler, origin: Origin, attempt: number) {
    this.#delivery = delivery;
    this.#handler = handler;
    this.#origin = origin;
    this.attempt = attempt;
  }
  get message(): unknown {
    return this.#handler.message;
  }
  get id(): string {
    return this.#delivery.id;
  }
  get key(): string | undefined {
    return this.#delivery.key;
  }
  get headers(): Headers {
    const all = this.#delivery.headers;
    const own: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const name in all) if (!isReserved(name)) own[name] = all[name] as string;
    if (this.claimed) {
      delete own[SIZE_HEADER];
      delete own[OLD_SIZE_HEADER];
    }
    return own;
  }
  get sentAt(): Date {
    return new Date(this.#delivery.time);
  }
  get correlationId(): string {
    return this.#delivery.correlationId ?? this.#delivery.id;
  }
  get causationId(): string | undefined {
    return this.#delivery.headers[CAUSATION_HEADER];
  }
  get channel(): string {
    return this.#origin.channel;
  }
  get group(): string | undefined {
    return this.#origin.group;
  }
  get log(): Logger {
    return this.#origin.log;
  }
  get dead(): DeadLetter | undefined {
    return readDeadHeader(this.#delivery.headers);
  }
  get native(): unknown {
    return this.#delivery.native;
  }
  /** @internal All headers, the envelope's too. */
  get envelope(): Headers {
    return this.#delivery.headers;
  }
  /** @internal */
  get replyTo(): string | undefined {
    return this.#delivery.replyTo;
  }
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    }
    return this.#abort.signal;
  }
  /** @internal Aborts `signal`, also where nobody asked for it yet. */
  abort(reason: unknown): void {
    this.#aborted ??= reason;
    this.#abort?.abort(reason);
  }
}

/** Header names that the envelope keeps for itself. */
export const isReserved = (name: string): boolean =>
  name.startsWith('ce-') || name.startsWith('omnibus-') || name === 'content-type';
