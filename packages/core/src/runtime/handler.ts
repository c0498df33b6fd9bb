import type { Delivery } from '../transport/message.js';
import type { MessageContext } from './context.js';

/** One handler as the engine sees it: everything that can be decided was decided at startup. */
export interface Handler {
  /** For errors and logs: `Shipping.ship`. */
  readonly name: string;
  /** The message type object that the context shows. */
  readonly message: unknown;
  /** Bytes to validated payload; throws (or rejects with) a MessagingError INVALID, or Unclaimed. */
  readonly decode: (body: Uint8Array, context: MessageContext) => unknown;
  readonly where: ((payload: unknown) => boolean) | undefined;
  /** Single form: (payload, context); batch form: (payloads, batch context). */
  readonly call: (payload: unknown, context: unknown) => unknown;
  /** What happens with a returned value before the ack: a reply or a publish. */
  readonly after: ((value: unknown, context: MessageContext) => Promise<void>) | undefined;
  /** Told when the message is given up, so that whoever waits for a reply learns it. */
  readonly failed: ((error: unknown, delivery: Delivery) => void) | undefined;
  /** Most messages in one call; 0 = the single form. */
  readonly batch: number;
  readonly waitMs: number;
  /** 0 = none. */
  readonly timeoutMs: number;
}

/** What the router finds for a message type. `skip`: in the contract, but not for this group. */
export type Routed = Handler | 'skip';
