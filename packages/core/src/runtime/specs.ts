import type { IdempotencyStore } from '../emulate/idempotency-store.js';
import type { Feature } from '../transport/capabilities.js';
import type { Channel, Filter, From, Subscription } from '../transport/channel.js';
import type { Delivery } from '../transport/message.js';
import type { Handler, Routed } from './handler.js';
import type { RetryPolicy } from './retry-policy.js';

/** A channel of the application, placed on one of its transports. */
export interface ChannelSpec {
  readonly wire: Channel;
  /** Key in the configuration's `transports`. */
  readonly transport: string;
  /** Largest time to live that a send may ask for, in ms; 0 = none. */
  readonly maxTtlMs: number;
  /** Whether the configuration allows to emulate a feature on it. */
  readonly allows: (feature: Feature) => boolean;
  /** Groups that the configuration names: whoever sends provisions them too, so that nothing is lost before their first consumer. */
  readonly groups: readonly Subscription[];
  /** Where those groups' dead letters go. */
  readonly deadLetters: readonly ChannelSpec[];
  /** File and line of the `emulate` that rules it, for errors. */
  readonly emulateAt: string | undefined;
}

/** One consumer, resolved: decorator, configuration and defaults are one. */
export interface ConsumerSpec {
  /** `orders/shipping`, or the queue's name. */
  readonly name: string;
  /** Class, or the call that made it, for errors. */
  readonly owner: string;
  readonly channel: ChannelSpec;
  readonly group: string | undefined;
  /** The broker's object that the group's messages wait in. */
  readonly address: string;
  readonly from: From;
  readonly temporary: boolean;
  readonly exclusive: boolean;
  readonly concurrency: number;
  readonly window: number;
  readonly policy: RetryPolicy;
  readonly deadLetter: ChannelSpec | undefined;
  readonly idempotency: { readonly store: IdempotencyStore } | undefined;
  readonly handlers: readonly Handler[];
  readonly route: (delivery: Delivery) => Routed | undefined;
  readonly types: readonly string[];
  readonly filter: Filter | undefined;
  /** Why a broker may not look for the filter's fields in the body, as it need not be one JSON object; undefined = it may. */
  readonly opaque: string | undefined;
}

/** One channel that the application sends to. */
export interface ProducerSpec {
  /** Who sends, for errors: classes, or `app.producer`. */
  readonly owner: string;
  readonly channel: ChannelSpec;
  /** It has messages with a reply. */
  readonly requests: boolean;
}
