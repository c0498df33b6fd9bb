import type { Limits } from '../transport/capabilities.js';
import type { Clock, Timer } from '../transport/clock.js';
import { MessagingError } from '../transport/errors.js';
import { RECEIVE_WAIT_MS } from '../transport/inbox.js';
import type { Delivery, Message } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { Verdict } from '../transport/verdict.js';
import { copyOf, copyThenAck } from './copy-then-ack.js';
import { DUE_HEADER, LEAVE_HEADER, numberIn, TARGET_HEADER, without } from './header-names.js';
import { insist, type OnStuck, trouble } from './insist.js';
import { FIRST_PAUSE_MS, gate, pause, pauseMs } from './pause.js';
import { renewal } from './renewal.js';
import { chunks, errorFrom, forPart, isLost } from './wrap.js';

export interface MoverOptions {
  /**
   * Sends to the channel with the address `to` through that channel's own sender, the `parkingSender` included: a message
   * whose time has not come yet has a `delayMs`. Resolves when the broker has it; retries, and gives up, by itself.
   */
  readonly forward: (to: string, message: Message) => Promise<void>;
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'receiveBatch' | 'settleBatch'>;
  /** Ms that locks are extended by, where they can be; renewed at half of it. */
  readonly lockMs: number;
  /** The most messages held unsettled at one time. Default 256. */
  readonly window?: number;
  readonly onStuck: OnStuck;
}

/** Carries what is parked on one step on its way. */
export interface Mover {
  /** Idempotent. */
  start(): void;
  /** Takes nothing more, lets what is on its way arrive, then closes the receiver, which gives back the rest. Idempotent. */
  stop(): Promise<void>;
}

/** `leave`: when its time on the step is over. `moving`: it is on its way, or being rejected. */
interface Parked {
  readonly delivery: Delivery;
  readonly leave: number;
  moving: boolean;
}

const NOT_PARKED: Verdict = Object.freeze({
  type: 'reject',
  reason: 'not-parked',
  error: `no ${TARGET_HEADER} or ${DUE_HEADER}`,
});

/**
 * The other half of `parkingSender`: takes messages from one parking channel, holds each unsettled until its time on the step
 * is over, forwards it and acks once that is confirmed. Messages leave in the order of their times, then of receipt.
 *
 * A forward that fails is tried again after 1 s, doubling to 30 s, and `onStuck` hears of it; so does a receiver that fails,
 * whose replacement is the caller's to make. Locks are renewed where the broker can; where locks cannot be renewed, a message
 * is given back when half of `lockMs` is left, and comes again. A message that does not name its target or its time is
 * rejected, so `receiver` must be one that can (`rejectToDeadLetter`).
 *
 * Caveat: never early by this host's clock; a crash between forward and ack makes a duplicate, never a loss.
 * Cost: one timer, however many messages wait.
 * Bound: `window` deliveries. As all of a step wait about equally long, those behind them leave later.
 */
export function createMover(receiver: Receiver, { forward, clock, limits, lockMs, window = 256, onStuck }: MoverOptions): Mover {
  const stopping = new AbortController();
  const room = gate(clock);
  const stuck = trouble(onStuck);
  const settleByForward = copyThenAck(receiver);
  const locks = renewal(receiver, { clock, lockMs, settleBatch: limits.settleBatch });
  const busy = new Set<Promise<void>>();
  let held: Parked[] = []; // in the order in which they leave
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  const start = (work: Promise<void>): void => {
    busy.add(work);
    void work.finally(() => busy.delete(work));
  };
  const hold = (delivery: Delivery, leave: number): Parked => {
    const parked = { delivery, leave, moving: false };
    held.splice(held.findLastIndex((other) => other.leave <= leave) + 1, 0, parked);
    return parked;
  };
  const letGo = (gone: readonly Parked[]): void => {
    if (gone.length === 0) return;
    held = held.filter((parked) => !gone.includes(parked));
    room.open();
  };
  const explain = (error: MessagingError): MessagingError =>
    new MessagingError(
      error.code,
      `Delayed messages cannot be moved on: ${error.message}. They stay parked and are tried again.`,
      { cause: error, retryable: true },
    );

  const forwardOne = (delivery: Delivery): Promise<MessagingError | undefined> => {
    const attempt = (): Promise<void> => {
      const left = Math.max(0, (numberIn(delivery.headers, DUE_HEADER) as number) - clock.now());
      const headers = without(delivery.headers, LEAVE_HEADER, TARGET_HEADER, ...(left === 0 ? [DUE_HEADER] : []));
      return forward(delivery.headers[TARGET_HEADER] as string, { ...copyOf(delivery, headers), delayMs: left });
    };
    return insist(delivery, attempt, { clock, closing: stopping.signal, trouble: stuck, explain });
  };
  const move = async (leaving: readonly Parked[]): Promise<void> => {
    for (const parked of leaving) parked.moving = true;
    const failures = await settleByForward(
      leaving.map(({ delivery }) => delivery),
      forwardOne,
    );
    letGo(leaving);
    // forwarded, but not acked: the ack alone is tried again
    for (const { index, error } of failures)
      if (error.retryable) hold((leaving[index] as Parked).delivery, clock.now() + FIRST_PAUSE_MS);
    tick();
  };
  const refuse = async (parked: Parked): Promise<void> => {
    parked.moving = true;
    const [failure] = await forPart([0], () => receiver.settle([parked.delivery], NOT_PARKED));
    if (failure !== undefined && failure.error.code !== 'LOST') stuck.enter(explain(failure.error)); // for good: it needs a person
    letGo([parked]);
  };
  const take = (delivery: Delivery): void => {
    const due = numberIn(delivery.headers, DUE_HEADER);
    if (due === undefined || delivery.headers[TARGET_HEADER] === undefined) start(refuse(hold(delivery, clock.now())));
    else hold(delivery, numberIn(delivery.headers, LEAVE_HEADER) ?? due);
  };

  /** Whose lock is ours to keep: where it cannot be extended, what is on its way cannot be given back either. */
  const keeping = (): readonly Delivery[] =>
    held.filter(({ moving }) => receiver.extend !== undefined || !moving).map(({ delivery }) => delivery);
  const renew = async (): Promise<void> => {
    const gone = await locks.run(keeping());
    letGo(held.filter(({ delivery, moving }) => !moving && gone.has(delivery)));
    tick();
  };

  /** Starts all whose time has come, and sets the timer for the next. */
  const tick = (): void => {
    timer?.cancel();
    if (stopping.signal.aborted) return;
    letGo(held.filter(({ delivery, moving }) => !moving && isLost(delivery, clock)));
    const now = clock.now();
    for (const part of chunks(
      held.filter(({ leave, moving }) => !moving && leave <= now),
      limits.settleBatch,
    ))
      start(move(part));
    if (locks.due(keeping()) <= clock.monotonic()) start(renew());
    if (held.length === 0) return;
    const nextLeave = (held.find(({ moving }) => !moving)?.leave ?? Number.POSITIVE_INFINITY) - now;
    const nextLock = locks.due(keeping()) - clock.monotonic();
    timer = clock.timer(Math.min(nextLeave, nextLock, RECEIVE_WAIT_MS), tick); // now and then, to forget what was lost
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const free = Math.min(window - held.length, limits.receiveBatch);
      if (free <= 0) {
        await room.wait(RECEIVE_WAIT_MS, stopping.signal);
        continue;
      }
      try {
        const batch = await receiver.receive(free, stopping.signal);
        if (failures > 0) stuck.leave();
        failures = 0;
        for (const delivery of batch) take(delivery);
        tick();
      } catch (thrown) {
        if (!stopping.signal.aborted && failures++ === 0) stuck.enter(explain(errorFrom(thrown)));
        await pause(clock, pauseMs(failures), [stopping.signal]);
      }
    }
    if (failures > 0) stuck.leave();
  };

  return {
    start() {
      running ??= run();
    },
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        timer?.cancel();
        await running;
        await Promise.all(busy);
        await receiver.close();
      })();
      return stopped;
    },
  };
}
