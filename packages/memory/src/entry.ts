import type { Delivery, Message } from '@omnibus/core/transport';
import type { Holder } from './holder.js';
import type { Lane } from './lanes.js';

/**
 * One message in one queue, for at most one hand-out: it is also the receipt of that delivery. What is given back goes on
 * as a new entry, so that an old receipt can never settle a later delivery.
 */
export class Entry {
  /** `settled`: its receiver said what becomes of it. `lost`: taken back from its receiver. */
  state: 'ready' | 'held' | 'settled' | 'lost' = 'ready';
  /** While held: end of its lock. While it waits: when it is due. On `Clock.monotonic()`. */
  until = Number.POSITIVE_INFINITY;
  holder: Holder | undefined = undefined;
  /** Neighbours among what its holder holds. */
  previous: Entry | undefined = undefined;
  following: Entry | undefined = undefined;
  /** The lane that its hand-out occupies: ordered queues only. */
  lane: Lane | undefined = undefined;
  slot = -1;

  constructor(
    readonly message: Message,
    /** Its place in line; on a stream its position. */
    public order: number,
    /** Hand-outs that count, the present one included. */
    public deliveries: number,
  ) {}

  /** The delivery that hands it out. */
  delivery(partition: string | undefined, lease: AbortSignal): Delivery {
    const message = this.message;
    return {
      id: message.id,
      type: message.type,
      time: message.time,
      contentType: message.contentType,
      body: message.body,
      headers: message.headers,
      key: message.key,
      correlationId: message.correlationId,
      replyTo: message.replyTo,
      delayMs: message.delayMs,
      expiresAt: message.expiresAt,
      priority: message.priority,
      deliveries: this.deliveries,
      partition,
      position: partition === undefined ? undefined : String(this.order),
      lockedUntil: this.until,
      lease,
      receipt: this,
      native: undefined,
    };
  }
}

/** By place in line. */
export const earlier = (one: Entry, other: Entry): boolean => one.order < other.order;

/** By the moment from which it may be handed out, then by place in line. */
export const dueEarlier = (one: Entry, other: Entry): boolean =>
  one.until < other.until || (one.until === other.until && one.order < other.order);
