import {
  type Capabilities,
  type Clock,
  type Delivery,
  type Failures,
  type MessagingError,
  NONE,
  type Receiver,
  type Verdict,
} from '@omnibus/core/transport';
import type { Entry } from './entry.js';
import { memoryError, notNative } from './errors.js';
import type { Group } from './group.js';
import type { Link } from './link.js';

/** Where a receiver stands. */
export interface ReceiverPlace {
  readonly clock: Clock;
  readonly link: Link;
  readonly group: Group;
  /** The subscription's address, for errors. */
  readonly address: string;
  readonly capabilities: Capabilities;
  readonly lockMs: number;
}

/** The receiving end of one group. `close` gives back what it holds as if it had never been handed out. */
export function memoryReceiver({ clock, link, group, address, capabilities, lockMs }: ReceiverPlace): Receiver {
  const { native, limits } = capabilities;
  const holdMs = Math.min(
    native.lock === undefined ? Number.POSITIVE_INFINITY : lockMs,
    limits.holdMs ?? Number.POSITIVE_INFINITY,
  );
  let lease = new AbortController();
  const member = group.join({
    lockMs: holdMs,
    dropsExpired: native.ttl !== undefined,
    get lease() {
      return lease.signal;
    },
  });
  let failure: MessagingError | undefined;
  const end = {
    cut(error: MessagingError, lost: boolean): void {
      failure = error;
      if (lost) lease.abort(error);
      group.leave(member, lost, lost ? error : []);
    },
  };
  const check = (call: string, amount: number, limit: number): void => {
    if (amount > limit) throw memoryError('INVALID', `${call} ${amount} on '${address}', the limit is ${limit}`);
  };

  /** `act` runs on what is still held. What was settled before is left alone, what was lost fails. */
  const each = (batch: readonly Delivery[], act: (entry: Entry, delivery: Delivery) => void): Failures => {
    const now = holdMs === Number.POSITIVE_INFINITY ? 0 : clock.monotonic();
    const failures: { index: number; error: MessagingError }[] = [];
    for (let index = 0; index < batch.length; index++) {
      const delivery = batch[index]!;
      const entry = delivery.receipt as Entry;
      if (entry.state === 'held' && entry.until <= now) entry.holder!.queue.lose(entry);
      if (entry.state === 'held') act(entry, delivery);
      else if (entry.state === 'lost') failures.push({ index, error: lost(address) });
    }
    return failures.length === 0 ? NONE : failures;
  };

  const receiver: Receiver = {
    async receive(max, signal) {
      if (failure !== undefined) throw failure;
      check('receive', max, limits.receiveBatch);
      return group.receive(member, max, signal);
    },
    async settle(batch, verdict) {
      check('settle', batch.length, limits.settleBatch);
      const failures = each(batch, actionOf(verdict, capabilities, address));
      group.wake(); // a key or a partition may be free now
      return failures;
    },
    async close() {
      if (failure !== undefined) return;
      link.delete(end);
      end.cut(memoryError('CLOSED', `the receiver of '${address}' is closed`), false);
    },
  };
  if (group.isLog) receiver.lag = () => group.lag(member);
  if (group.isLog && native.replay !== undefined) {
    receiver.seek = async (from) => {
      if (failure !== undefined) throw failure;
      const moved = group.seek(member, from);
      const old = lease;
      lease = new AbortController();
      old.abort(memoryError('LOST', `the position of '${address}' was moved`));
      return moved;
    };
  }
  link.add(end);
  if (native.lock === undefined) return receiver;
  const longestMs = native.lock;
  return {
    ...receiver,
    async extend(batch, ms) {
      check('extend', batch.length, limits.settleBatch);
      check('extend by ms', ms, longestMs);
      const until = clock.monotonic() + ms;
      return each(batch, (entry, delivery) => {
        entry.holder!.queue.extend(entry, until);
        delivery.lockedUntil = until;
      });
    },
  };
}

function actionOf(verdict: Verdict, { native }: Capabilities, address: string): (entry: Entry) => void {
  switch (verdict.type) {
    case 'ack':
      return native.settleEach === undefined ? ackThrough : ack;
    case 'release':
      if (native.release === undefined) throw notNative('release', `a release on '${address}'`);
      return native.settleEach === undefined ? releaseFrom : release;
    case 'retry': {
      const { delayMs } = verdict;
      const what = `a retry after ${delayMs} ms on '${address}'`;
      if (native.retry === undefined) throw notNative('retry', what);
      if (delayMs > 0 && native.retryDelay === undefined) throw notNative('retryDelay', what);
      if (delayMs > (native.retryDelay ?? 0)) throw memoryError('INVALID', `${what}, the limit is ${native.retryDelay} ms`);
      return (entry) => entry.holder!.queue.retry(entry, delayMs);
    }
    case 'reject':
      throw notNative('reject', `a reject on '${address}'`);
  }
}

const ack = (entry: Entry): void => entry.holder!.queue.ack(entry);

const release = (entry: Entry): void => entry.holder!.queue.release(entry);

/** As an offset commit does: what this receiver was given before it is settled too. */
function ackThrough(entry: Entry): void {
  const given = entry.holder!.entries();
  given.slice(0, given.indexOf(entry) + 1).forEach(ack);
}

/** As a log does that is read again from there: what this receiver was given after it goes back too. */
function releaseFrom(entry: Entry): void {
  const given = entry.holder!.entries();
  given.slice(given.indexOf(entry)).forEach(release);
}

const lost = (address: string): MessagingError =>
  memoryError(
    'LOST',
    `this delivery of '${address}' was taken back (its lock ran out, or its receiver or link ended); it comes again`,
  );
