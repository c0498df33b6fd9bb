import type { Clock } from '../transport/clock.js';
import type { Message } from '../transport/message.js';
import { type Failures, NONE, type Sender } from '../transport/transport.js';
import type { Publish } from './copy-then-ack.js';
import { DUE_HEADER, LEAVE_HEADER, numberIn, TARGET_HEADER, without } from './header-names.js';
import { errorFrom, forPart } from './wrap.js';

/** A ladder for brokers without any delay: 1 s, 10 s, 1 min, 10 min, 1 h, 12 h. A delay under 12 h takes at most 39 hops. */
export const PARKING_STEPS_MS: readonly number[] = Object.freeze([1_000, 10_000, 60_000, 600_000, 3_600_000, 43_200_000]);

export interface ParkingSenderOptions {
  /** Address of the channel that `sender` sends to; a mover hands it to `forward`. */
  readonly target: string;
  /** The longest delay that the target's broker can do by itself, in ms; 0 = none. */
  readonly nativeMs: number;
  /** The longest delay that a parking channel's broker can do by itself, in ms; 0 = none: what is parked there is held until it is due. */
  readonly parkMs: number;
  /** How long each parking channel holds a message, in ms, ascending; at least one. */
  readonly stepsMs: readonly number[];
  /** Publishes to the parking channel of a step; called once a step. */
  readonly publish: (stepMs: number) => Publish;
  readonly clock: Clock;
}

/**
 * Delays that the broker cannot do, or not so long: the message goes to a parking channel, and from there by a mover (see
 * `createMover`) through this sender again until what is left of its delay is 0 or native. There is one parking channel a
 * step; all that it holds waits equally long, so each is first in, first out, and nobody waits behind a longer delay. A
 * message goes to the largest step that is not longer than what is left, or else to the smallest.
 *
 * Caveat: never early by the clock of the mover's host; late by the hop's own time, and by up to the smallest step where
 * more messages are due at once than the mover holds. Between the two sends a crash makes a duplicate, never a loss.
 * Cost: one publish, receive and ack a hop; a native delay carries each hop as far as it reaches.
 * Bound: none here; parked messages are on the broker.
 */
export function parkingSender(
  sender: Sender,
  { target, nativeMs, parkMs, stepsMs, publish, clock }: ParkingSenderOptions,
): Sender {
  const ladder = stepsMs.map((stepMs) => ({ stepMs, publish: publish(stepMs) }));
  const smallest = ladder[0];
  if (smallest === undefined) throw new RangeError('parkingSender needs at least one step');

  const park = (message: Message, due: number): Promise<void> => {
    const now = clock.now();
    const left = due - now;
    const step = ladder.findLast(({ stepMs }) => stepMs <= left) ?? smallest;
    const rest = left - step.stepMs;
    // a rest that neither a step nor a broker can wait for is waited for here
    const leave = rest < 0 || (rest > Math.max(nativeMs, parkMs) && rest < smallest.stepMs) ? due : now + step.stepMs;
    const headers = { ...message.headers, [DUE_HEADER]: String(due), [LEAVE_HEADER]: String(leave), [TARGET_HEADER]: target };
    return step.publish({ ...message, headers, delayMs: Math.min(leave - now, parkMs) });
  };

  return {
    async send(batch) {
      if (batch.every(({ delayMs }) => delayMs === 0)) return sender.send(batch);
      const failures: Failures[number][] = [];
      const direct: Message[] = [];
      const indices: number[] = [];
      const parked: Promise<void>[] = [];
      for (const [index, message] of batch.entries()) {
        const due = numberIn(message.headers, DUE_HEADER) ?? Math.ceil(clock.now() + message.delayMs); // a moved message keeps its own
        const delayMs = message.delayMs === 0 ? 0 : Math.max(0, due - clock.now());
        if (delayMs > nativeMs) {
          parked.push(park(message, due).catch((thrown: unknown) => void failures.push({ index, error: errorFrom(thrown) })));
        } else {
          indices.push(index);
          direct.push(message.delayMs === 0 ? message : { ...message, delayMs, headers: without(message.headers, DUE_HEADER) });
        }
      }
      if (direct.length > 0) failures.push(...(await forPart(indices, () => sender.send(direct))));
      await Promise.all(parked);
      return failures.length === 0 ? NONE : failures;
    },
    close: () => sender.close(),
  };
}
