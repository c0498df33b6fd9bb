/** What consumers see: each message to one, each message to every group, or a log with positions. */
export type ChannelKind = 'queue' | 'topic' | 'stream';

/** Where a new group on a stream begins. */
export type From = 'first' | 'next' | Date | { readonly position: string };

/** One condition on a top-level field of the payload. The list of operators is closed. */
export interface FieldTest {
  readonly field: string;
  readonly op: 'eq' | 'in' | 'gt' | 'gte' | 'lt' | 'lte' | 'prefix';
  readonly value: string | number | boolean | readonly (string | number)[];
}

/** By message type; a type that is not named passes. All tests of a type must hold. */
export type Filter = Readonly<Record<string, readonly FieldTest[]>>;

/** A channel as an adapter sees it: facts that both ends agree on, and where it lives on this broker. */
export interface Channel {
  readonly name: string;
  /** Name of the broker's object; by default the channel's name. */
  readonly address: string;
  readonly kind: ChannelKind;
  /** Messages of one key are handled one after another, in the order sent. */
  readonly ordered: boolean;
  /** Lives as long as the instance that made it (reply queues). */
  readonly temporary: boolean;
  /** Names of the message types that it carries. */
  readonly types: readonly string[];
  /** Largest delay that a send may ask for, in ms; 0 = none is ever asked for. */
  readonly maxDelayMs: number;
  /** Number of priority levels; 0 = none. */
  readonly priorities: number;
}

/** One group's (or a queue's) reading end, as an adapter sees it. */
export interface Subscription {
  readonly channel: Channel;
  readonly group: string | undefined;
  /** Where the group's messages wait, where the broker has such an object: `<channel address>.<group>`; a queue's own address. */
  readonly address: string;
  /** Types that this group handles; the broker may leave out the others where it can tell. Empty: it leaves out nothing. */
  readonly types: readonly string[];
  /**
   * On fields of the payload. A native filter may only be a superset of it: the engine's own always runs. Undefined also where the
   * payload may not be seen on the wire as one JSON object (another codec, foreign messages, a claim check).
   */
  readonly filter: Filter | undefined;
  readonly from: From;
  readonly ordered: boolean;
  /** The most deliveries that the engine holds unsettled at one time. */
  readonly window: number;
  /** The application promises that no other process consumes it. */
  readonly exclusive: boolean;
  /** Ends with its instance (`perInstance`, replies). */
  readonly temporary: boolean;
  /** Where the broker's own backstop may put what kills its consumer; undefined where that channel is on another transport. */
  readonly deadLetter: Channel | undefined;
  /** The engine rejects what was delivered more often than this; a broker's own limit must be above it. */
  readonly crashLimit: number;
}

/** All that one application needs on one transport. Groups that its configuration names are among the subscriptions, also where it only sends. */
export interface Topology {
  readonly channels: readonly Channel[];
  readonly subscriptions: readonly Subscription[];
  readonly deadLetters: readonly Channel[];
  readonly retries: readonly Channel[];
}

/** One property of an existing object that differs from the configuration. */
export interface Drift {
  readonly object: string;
  readonly property: string;
  readonly wanted: string;
  /** May be `unreadable` where the broker does not tell. */
  readonly found: string;
}
