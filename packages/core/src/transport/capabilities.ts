/** What a broker may or may not be able to do by itself. */
export type Feature =
  | 'receive'
  | 'settleEach'
  | 'retry'
  | 'retryDelay'
  | 'release'
  | 'reject'
  | 'lock'
  | 'delay'
  | 'ordering'
  | 'dedup'
  | 'ttl'
  | 'priority'
  | 'headers'
  | 'replay'
  | 'temporary'
  | 'durable'
  | 'filter'
  | 'wildcard'
  | 'transaction';

/** Sizes and shapes that a broker, or the adapter for it, keeps to. */
export interface Limits {
  /** Most messages in one `Sender.send`. */
  readonly sendBatch: number;
  /** Most bytes of one message, headers included. Applications get 4 KB less, so that a dead letter always fits. */
  readonly sendBytes: number;
  /** Most deliveries that one `Receiver.receive` asks for. */
  readonly receiveBatch: number;
  /** Most `receive` calls open at one time: push and log 1, SQS 16. */
  readonly receiveCalls: number;
  /** Longest that one delivery may be held unsettled, in ms, renewals included. Absent: no limit. */
  readonly holdMs?: number | undefined;
  /** Most deliveries in one `Receiver.settle`. */
  readonly settleBatch: number;
  /** Retry delays are rounded up to a multiple of it; shorter ones are waited for in place. 0 or 1 = exact. */
  readonly delayStepMs: number;
  /** Whether a batch fails as a whole or entry by entry. */
  readonly batchFailure: 'whole' | 'each';
  readonly headers: { readonly count: number; readonly bytes: number; readonly name: RegExp; readonly empty: boolean };
  readonly body: 'bytes' | 'text';
  /** Ms that a send may wait for company before it leaves: 0, or 5 where each call costs money. */
  readonly lingerMs: number;
}

/** What an endpoint can do: pure, from options alone, known before any connection. */
export interface Capabilities {
  /** Present = native; the number is its ceiling (ms, count, Infinity). */
  readonly native: Readonly<Partial<Record<Feature, number>>>;
  readonly limits: Limits;
  /** Sentences that the plan prints for this endpoint: what a user should know before it runs. */
  readonly caveats: readonly string[];
}
