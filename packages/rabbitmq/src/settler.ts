import { type Clock, type Delivery, type Failures, type MessagingError, NONE, type Verdict } from '@omnibus/core/transport';
import { unsettled } from './acks.js';
import type { RabbitMqMessage } from './client.js';
import { rabbitMqError } from './errors.js';
import type { WriteSettlements } from './settlement-frames.js';

/** What a settler works on. */
export interface SettlerPlace {
  /** Never called once `end` was. */
  readonly write: WriteSettlements;
  /** For errors. */
  readonly where: string;
  readonly clock: Clock;
  readonly ordered: boolean;
  /** The lock of a delivery ran out that must not come again alone: the receiver is to end, so that all of them come. */
  readonly giveUp: () => void;
}

/** Settles the deliveries of one consumer on the channel that brought them. */
export interface Settler {
  /** In the order in which they came. */
  delivered(raw: RabbitMqMessage): void;
  /** Settled before is no error. LOST: another channel brought it, its lock ran out, or `end` was called. */
  settle(batch: readonly Delivery[], verdict: Verdict): Failures;
  /** The channel is gone: the broker gives what is unsettled again. */
  end(): void;
}

/** Makes the settler of a consumer that was brought nothing yet. */
export function settler({ write, where, clock, ordered, giveUp }: SettlerPlace): Settler {
  const open = unsettled();
  let consumer: string | undefined; // made up by the broker: no receipt of another channel has it
  let isEnded = false;

  const tagOf = ({ receipt }: Delivery): number | undefined => {
    const fields = (receipt as Partial<RabbitMqMessage> | null | undefined)?.fields;
    return fields?.consumerTag === consumer ? fields?.deliveryTag : undefined;
  };

  /** Takes out what this settle is for: the tags to settle, and those whose lock ran out. */
  const take = (batch: readonly Delivery[], failures: { index: number; error: MessagingError }[]) => {
    const now = clock.monotonic();
    const hasExpired = (delivery: Delivery): boolean => delivery.lockedUntil <= now && open.has(tagOf(delivery) ?? 0);
    if (ordered && batch.some(hasExpired)) giveUp();
    const tags: number[] = [];
    const expired: number[] = [];
    let lost: MessagingError | undefined;
    for (let index = 0; index < batch.length; index++) {
      const delivery = batch[index]!;
      const tag = tagOf(delivery);
      if (tag !== undefined && !open.has(tag)) continue; // settled before
      if (tag === undefined || isEnded || delivery.lockedUntil <= now) {
        lost ??= lostError(where);
        failures.push({ index, error: lost });
      }
      if (tag === undefined || isEnded) continue;
      open.remove(tag);
      (delivery.lockedUntil > now ? tags : expired).push(tag);
    }
    return { tags, expired };
  };

  return {
    delivered(raw) {
      consumer ??= raw.fields.consumerTag;
      open.add(raw.fields.deliveryTag);
    },
    settle(batch, verdict) {
      if (verdict.type !== 'ack' && (verdict.type !== 'release' || ordered)) {
        throw rabbitMqError('INVALID', `${where}: '${verdict.type}' is not native on this endpoint`);
      }
      const failures: { index: number; error: MessagingError }[] = [];
      const { tags, expired } = take(batch, failures);
      try {
        // first, and each alone: a `multiple` passes over what is settled already
        write({ upTo: 0, singles: expired }, 'release');
        write(open.split(tags), verdict.type);
      } catch (cause) {
        isEnded = true; // amqplib knew before us that the channel is gone
        return batch.map((_, index) => ({ index, error: lostError(where, cause) }));
      }
      return failures.length === 0 ? NONE : failures;
    },
    end() {
      isEnded = true;
    },
  };
}

const lostError = (where: string, cause?: unknown): MessagingError =>
  rabbitMqError('LOST', `${where}: a delivery was taken back, for its lock or its channel ended; it comes again`, { cause });
