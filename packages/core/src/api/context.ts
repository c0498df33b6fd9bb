import type { DeadLetter } from '../codec/dead-letter-header.js';
import type { Logger } from '../runtime/logger.js';
import type { Headers } from '../transport/message.js';
import type { MessageType } from './messages.js';

/** What a handler may know about the message that it is given. */
export interface Context<M extends MessageType = MessageType> {
  readonly message: M;
  /** The message's id: the same on every attempt. */
  readonly id: string;
  readonly key: string | undefined;
  /** The sender's own headers and `traceparent`; the envelope's are left out. */
  readonly headers: Headers;
  readonly sentAt: Date;
  /** Shared by everything that one first message led to. */
  readonly correlationId: string;
  /** Id of the message whose handler sent this one. */
  readonly causationId: string | undefined;
  readonly channel: string;
  readonly group: string | undefined;
  /** 1 = first. */
  readonly attempt: number;
  /** Aborts when the lease is lost, the handler's time is over or the drain deadline passes. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Why and where it died, on a dead letter; undefined on every other message. Read when asked for. */
  readonly dead: DeadLetter | undefined;
  /** What the broker's client library gave, for what only this broker has. Its type is the adapter's. */
  readonly native: unknown;
}

/** What a batch handler may know; `messages[i]` belongs to `payloads[i]`. */
export interface BatchContext<M extends MessageType = MessageType> {
  readonly messages: readonly Context<M>[];
  readonly signal: AbortSignal;
  readonly log: Logger;
}
