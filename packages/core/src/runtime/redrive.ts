import { readDeadHeader } from '../codec/dead-letter-header.js';
import { copyOf, copyThenAck } from '../emulate/copy-then-ack.js';
import { ATTEMPTS_HEADER, FIRST_HEADER, without } from '../emulate/header-names.js';
import { type Clock, sleep } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Delivery } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Publish } from './chain.js';

export interface RedriveOptions {
  /** Of the dead-letter channel; closed at the end. */
  readonly receiver: Receiver;
  /** Sends to where the group's messages wait. */
  readonly publish: Publish;
  readonly clock: Clock;
  /** Most deliveries of one receive, and of one settle. */
  readonly batch: number;
  /** Messages a second; Infinity = as fast as they go. */
  readonly rate: number;
  readonly signal: AbortSignal;
}

/** Most messages that are on their way at one time. */
const AT_ONCE = 100;
/** A dead-letter channel that gives nothing for so long is empty. */
const EMPTY_MS = 5_000;

/**
 * Moves dead letters back to where their group's messages wait: a confirmed copy without what the attempts left in its headers,
 * then an ack. What `omnibus-dead` says stays, so that a second death has its history. Ends when nothing comes any more, at the
 * first message that died after the beginning (so that what dies again is not moved for ever), or when the signal aborts. Gives
 * how many were moved; a crash between copy and ack makes a duplicate, never a loss.
 * @throws MessagingError what the first failing receive or send says; how many were moved until then is in its text.
 */
export async function redrive({ receiver, publish, clock, batch, rate, signal }: RedriveOptions): Promise<number> {
  const settleByCopy = copyThenAck(receiver);
  const began = clock.now();
  const most = Math.max(1, Math.floor(Math.min(batch, rate, AT_ONCE)));
  let moved = 0;
  const move = async (deliveries: readonly Delivery[]): Promise<void> => {
    const failures = await settleByCopy(deliveries, async (delivery) => {
      try {
        await publish(copyOf(delivery, without(delivery.headers, ATTEMPTS_HEADER, FIRST_HEADER)), signal);
        moved++;
        return undefined;
      } catch (error) {
        return error as MessagingError;
      }
    });
    const failed = failures.find(({ error }) => error.code !== 'LOST'); // a lost one was copied, and comes again
    if (failed !== undefined) throw failed.error;
  };
  try {
    while (!signal.aborted) {
      const deliveries = await within(receiver, most, clock, signal);
      const old = deliveries.filter(({ headers }) => !(Date.parse(readDeadHeader(headers)?.last ?? '') >= began));
      if (old.length > 0) await move(old);
      if (old.length < deliveries.length || deliveries.length === 0) break;
      await sleep(clock, rate === Number.POSITIVE_INFINITY ? 0 : (old.length / rate) * 1_000, signal);
    }
    return moved;
  } catch (error) {
    const code = error instanceof MessagingError ? error.code : 'CONNECTION';
    throw new MessagingError(code, `redrive stopped after ${moved} messages: ${textOf(error)}`, { cause: error });
  } finally {
    await receiver.close();
  }
}

/** One receive, given up when the channel seems to be empty. */
async function within(receiver: Receiver, max: number, clock: Clock, signal: AbortSignal): Promise<readonly Delivery[]> {
  const enough = new AbortController();
  const timer = clock.timer(EMPTY_MS, () => enough.abort(), 'ref');
  try {
    return await receiver.receive(max, AbortSignal.any([signal, enough.signal]));
  } finally {
    timer.cancel();
  }
}
