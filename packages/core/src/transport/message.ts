/** Headers as an application sees them: text to text. Names that start with `ce-` or `omnibus-` belong to the envelope. */
export type Headers = Readonly<Record<string, string>>;

/**
 * One message as it crosses the seam. Every field is always present, so that all messages share one hidden class;
 * an adapter maps each field to what its broker has for it and back, equal field by field.
 */
export interface Message {
  /** Unique, stable across redelivery and re-sends. Empty on a foreign message that has none. */
  id: string;
  /** The message type's name. Empty on a foreign message that names none. */
  type: string;
  /** When it was made, in ms since 1970. */
  time: number;
  contentType: string;
  body: Uint8Array;
  /** Includes the envelope's own: `ce-source`, `ce-causationid`, `traceparent`, `omnibus-*`. */
  headers: Headers;
  /** Messages with one key keep their order on an ordered channel. */
  key: string | undefined;
  correlationId: string | undefined;
  /** Address of the channel that a reply goes to. */
  replyTo: string | undefined;
  /** 0 = deliver now. */
  delayMs: number;
  /** In ms since 1970; Infinity = never. */
  expiresAt: number;
  /** 0 = lowest, and the default. */
  priority: number;
}

/** A message that a receiver gave, with what it takes to settle it. */
export interface Delivery extends Message {
  /** The broker's own count of deliveries: 1 = first, 0 = the broker does not count. */
  deliveries: number;
  partition: string | undefined;
  position: string | undefined;
  /** On `Clock.monotonic()`: the moment from which the broker may give it to another. Infinity = no lock timer. */
  lockedUntil: number;
  /** Aborts on a rebalance or a lost link; one per assignment, never one per message. */
  lease: AbortSignal | undefined;
  /** The adapter's own; nobody else reads it. */
  receipt: unknown;
  /** What the client library gave, for the escape hatch. */
  native: unknown;
}
