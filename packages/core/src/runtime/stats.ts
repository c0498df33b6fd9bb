/** What one consumer did since the app started. */
export interface ConsumerStats {
  /** Deliveries taken from the broker. */
  received: number;
  /** Messages whose handler succeeded. */
  handled: number;
  /** Failed attempts that were followed by another. */
  retried: number;
  /** Messages sent to the dead-letter channel. */
  dead: number;
  /** Messages acknowledged unhandled: another type, or filtered out. */
  skipped: number;
  /** Messages acknowledged unhandled, as the idempotency store knew their id. */
  duplicates: number;
  /** Messages that had expired. */
  expired: number;
  /** Deliveries whose settlement came too late: the lock, lease or link was gone. They come again. */
  lost: number;
  /** Handlers that run. */
  running: number;
  /** Deliveries that are not settled. */
  held: number;
  /** On a log: messages that wait at the broker, by partition that this process reads, as of the last fetch. */
  lag?: Readonly<Record<string, number>>;
}

export const consumerStats = (): ConsumerStats => ({
  received: 0,
  handled: 0,
  retried: 0,
  dead: 0,
  skipped: 0,
  duplicates: 0,
  expired: 0,
  lost: 0,
  running: 0,
  held: 0,
});
