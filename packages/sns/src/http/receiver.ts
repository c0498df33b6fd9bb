import {
  type Clock,
  type Delivery,
  type Failures,
  inbox,
  MessagingError,
  NONE,
  type Receiver,
  type Verdict,
} from '@omnibus/core/transport';
import type { Confirmation } from './confirm.js';
import type { Intake } from './door.js';
import type { Gate } from './gate.js';
import { HOLD_MS, type Hold, type Holds, holds } from './holds.js';
import { type Post, parsePost } from './post.js';
import { queueSide } from './queue-side.js';
import type { Replay } from './replay.js';
import { AGAIN, DONE, type EndpointStats, type HttpReply, type Refusal, refusalReply } from './reply.js';

/** What a delivery gets from its receiver. */
interface Place {
  readonly lockedUntil: number;
  readonly receipt: unknown;
}

/** A verified Notification as a delivery, by the wire rules of SNS's envelope. Never throws. */
export type ReadNotification = (post: Post, place: Place) => Delivery;

export interface HttpReceiverOptions {
  /** `orders/shipping`: for errors. */
  readonly name: string;
  /** The most posts that are held at one time; more are answered 503 at once. */
  readonly window: number;
  readonly gate: Gate;
  /** The group's own queue: read beside the posts, closed with them. */
  readonly queue: Receiver;
  /** Most deliveries of one receive of it. */
  readonly queueBatch: number;
  readonly replay: Replay;
  readonly confirmation: Confirmation;
  readonly read: ReadNotification;
  readonly stats: EndpointStats;
  readonly clock: Clock;
  /** Lets the intake's posts in, until what it returns is called and has ended. */
  readonly attach: (intake: Intake) => Promise<() => Promise<void>>;
}

/**
 * The receiving end of one group that SNS posts to: each post is answered when its delivery is settled, or after 14 s. What waits
 * in the group's own queue comes in between. Throws what `attach` throws; the queue is closed then.
 */
export async function openHttpReceiver(o: HttpReceiverOptions): Promise<Receiver> {
  const { clock, name, queue, replay } = o;
  const box = inbox(clock);
  const held = holds(clock);
  let closing: Promise<void> | undefined;
  const isFull = (): boolean => held.size >= o.window || box.size >= o.window;
  const push = (delivery: Delivery): void => box.push(delivery);
  const intake = createIntake(o, held, {
    refusal: () => (closing !== undefined ? 'closed' : isFull() ? 'busy' : undefined),
    push,
  });
  const side = queueSide({ queue, clock, batch: o.queueBatch, push, failed: (error) => box.fail(error) });
  const isOurs = (delivery: Delivery): boolean =>
    side.has(delivery) ? delivery.lockedUntil > clock.monotonic() : (delivery.receipt as Hold).state === 'held';

  /** By the answers of posts; what is not among `indices` came from the queue. */
  const answer = (batch: readonly Delivery[], indices: readonly number[], verdict: Verdict): Failures => {
    const failures: Failures[number][] = [];
    for (const index of indices) {
      const hold = batch[index]!.receipt as Hold;
      if (!held.settle(hold, verdict.type === 'ack' ? 'done' : 'again')) failures.push({ index, error: lost(name) });
      if (verdict.type === 'ack') replay.done(hold.messageId); // late as well: what was handled need not be handled again
    }
    return failures;
  };

  const detach = await o.attach(intake).catch(async (error: unknown) => {
    await side.close();
    throw error;
  });

  return {
    async receive(max, signal) {
      for (;;) {
        side.poll(max, signal);
        const batch = await box.take(max, signal).finally(() => side.rest());
        const fresh = batch.filter(isOurs); // the others are SNS's or the queue's again
        if (fresh.length > 0 || batch.length === 0) return fresh;
      }
    },
    async settle(batch, verdict) {
      if (verdict.type === 'reject' || (verdict.type === 'retry' && verdict.delayMs > 0))
        throw new MessagingError(
          'INVALID',
          `sns: ${name}: SNS posts again when it likes; it takes no ${verdict.type} with a delay`,
        );
      const posts: number[] = [];
      const others: number[] = [];
      for (const [index, delivery] of batch.entries()) (side.has(delivery) ? others : posts).push(index);
      const failures = answer(batch, posts, verdict);
      if (others.length === 0) return failures.length === 0 ? NONE : failures;
      const settled = await queue.settle(
        others.map((index) => batch[index]!),
        verdict,
      );
      return [...failures, ...settled.map(({ index, error }) => ({ index: others[index]!, error }))];
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    box.fail(new MessagingError('CLOSED', `sns: the receiver of ${name} is closed`));
    held.close();
    await Promise.all([detach(), side.close()]);
  }
}

interface Line {
  /** Why nothing more is taken now. */
  readonly refusal: () => Refusal | undefined;
  readonly push: (delivery: Delivery) => void;
}

function createIntake(o: HttpReceiverOptions, held: Holds, { refusal, push }: Line): Intake {
  const { gate, replay, confirmation, stats, clock } = o;
  const refuse = (why: Refusal): HttpReply => {
    stats.refused[why]++;
    return refusalReply(why);
  };

  const notified = async (post: Post, arrivedAt: number, gone: AbortSignal): Promise<HttpReply> => {
    if (replay.isDone(post.messageId)) {
      stats.repeated++;
      return DONE;
    }
    const why = held.has(post.messageId) ? 'busy' : refusal(); // its first try is still being handled
    if (why !== undefined) return refuse(why);
    const hold = held.add(post.messageId, arrivedAt + HOLD_MS, gone);
    if (hold.state === 'held') {
      stats.accepted++;
      push(o.read(post, { lockedUntil: hold.lockedUntil, receipt: hold }));
    }
    const ending = await hold.ending;
    stats[ending === 'gone' ? 'late' : ending]++;
    return ending === 'done' ? DONE : AGAIN;
  };

  const confirmed = async (post: Post): Promise<HttpReply> => {
    if (replay.isDone(post.messageId)) return DONE;
    if (!(await confirmation.confirm(post))) return refuse('unavailable');
    stats.confirmed++;
    replay.done(post.messageId);
    return DONE;
  };

  return {
    refusal,
    async accept(given) {
      const arrivedAt = clock.monotonic() - given.ageMs;
      if (given.headers['x-amz-sns-rawdelivery'] === 'true') return refuse('raw'); // it has neither signature nor attributes
      const post = parsePost(given.body);
      if (post === undefined) return refuse('garbage');
      const why = await gate(post);
      if (why !== undefined) return refuse(why);
      return post.type === 'Notification' ? notified(post, arrivedAt, given.gone) : confirmed(post);
    },
  };
}

const lost = (name: string): MessagingError =>
  new MessagingError(
    'LOST',
    `sns: a delivery of ${name} was not settled within ${HOLD_MS} ms, or SNS hung up; SNS posts it again`,
  );
