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
  /**
   * Deliveries whose settlement came too late, or never: the lock, lease or link was gone. They come again, unless `app.seek` moved the
   * group past them.
   */
  lost: number;
  /**
   * Deliveries whose handler still ran when their lock, lease or link ended: from then on the broker may hand the same message to
   * another process, or to this one, and two handlers run at one time. Such a delivery is in `lost` as well once its handler ends.
   * What this process cannot notice before it settles (a lock that is over and could not be renewed) is in `lost` alone.
   */
  overlapped: number;
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
  overlapped: 0,
  running: 0,
  held: 0,
});
