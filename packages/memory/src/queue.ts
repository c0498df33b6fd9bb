import type { Clock, Delivery } from '@omnibus/core/transport';
import { Alarm } from './alarm.js';
import type { Counts } from './broker-object.js';
import { dueEarlier, Entry } from './entry.js';
import { Heap } from './heap.js';
import { Holder, type HoldTerms } from './holder.js';
import type { Line } from './line.js';

/** What waits for one group: ready in a line, handed out under a lock, or until it is due. */
export class Queue {
  /** Unsettled: handed out and neither settled nor lost. */
  held = 0;
  private expired = 0;
  private readonly holders = new Set<Holder>();
  private readonly delayed = new Heap<Entry>(dueEarlier);
  /** For locks and delays. It rests while nobody receives: then nobody would notice. */
  private readonly alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly line: Line,
    /** The partition's name on a stream, else undefined. */
    readonly partition: string | undefined,
    /** Something may be ready now. */
    private readonly onReady: () => void,
    /** The delay of a message that nobody had yet is over. Never on a stream, which has no such delays. */
    private readonly enter: (entry: Entry) => void,
  ) {
    this.alarm = new Alarm(clock, () => this.sweep());
  }

  /** All that is here: ready, held or waiting. */
  get size(): number {
    return this.line.size + this.held + this.delayed.size;
  }

  counts(): Counts {
    this.sweep();
    return { ready: this.line.size, unsettled: this.held, delayed: this.delayed.size, expired: this.expired };
  }

  /** When what waits is due, in ms since 1970. */
  due(): number[] {
    return [...this.delayed].map(({ until }) => this.clock.now() + until - this.clock.monotonic());
  }

  /** Keeps an entry that nobody holds for `delayMs`. */
  wait(entry: Entry, delayMs: number): void {
    entry.until = this.clock.monotonic() + delayMs;
    this.delayed.push(entry);
    if (this.holders.size > 0) this.alarm.by(entry.until);
  }

  attach(terms: HoldTerms): Holder {
    const holder = new Holder(this, terms);
    this.holders.add(holder);
    this.sweep();
    return holder;
  }

  /** Gives back, in the order given, what the holder holds; `touched` = those hand-outs count. */
  detach(holder: Holder, touched: boolean): void {
    this.takeBack(holder, touched);
    this.holders.delete(holder);
    if (this.holders.size === 0) this.alarm.cancel();
  }

  /** What the holder holds goes back to its place, and is lost to it; `touched` = those hand-outs count. */
  takeBack(holder: Holder, touched: boolean): void {
    for (const entry of holder.entries()) this.giveBack(entry, 'lost', touched);
  }

  /** Its log is read from elsewhere: what is handed out is lost, what was put back or waits is forgotten. */
  forget(): void {
    for (const holder of this.holders) {
      for (const entry of holder.entries()) {
        this.endHold(entry, 'lost');
        this.line.end(entry);
      }
    }
    this.delayed.clear();
    this.line.forget();
  }

  /** Hands out what is ready until `out` holds `max`. */
  take(holder: Holder, max: number, out: Delivery[]): void {
    const { lockMs, lease, dropsExpired } = holder.terms;
    const until = lockMs === Number.POSITIVE_INFINITY ? lockMs : this.clock.monotonic() + lockMs;
    const before = out.length;
    while (out.length < max) {
      const entry = this.line.next(holder);
      if (entry === undefined) break;
      if (dropsExpired && entry.message.expiresAt !== Number.POSITIVE_INFINITY && entry.message.expiresAt <= this.clock.now()) {
        this.line.end(entry);
        this.expired += 1;
        continue;
      }
      entry.state = 'held';
      entry.until = until;
      entry.deliveries += 1;
      holder.add(entry);
      out.push(entry.delivery(this.partition, lease));
    }
    if (out.length === before) return;
    this.held += out.length - before;
    this.alarm.by(until);
  }

  ack(entry: Entry): void {
    this.endHold(entry, 'settled');
    this.line.end(entry);
  }

  release(entry: Entry): void {
    this.giveBack(entry, 'settled', false);
  }

  retry(entry: Entry, delayMs: number): void {
    if (delayMs <= 0) {
      this.giveBack(entry, 'settled', true);
      return;
    }
    this.endHold(entry, 'settled');
    this.line.suspend(entry);
    this.wait(new Entry(entry.message, entry.order, entry.deliveries), delayMs);
  }

  /**
   * A lock ran out: the message goes back to its place. On an ordered queue all goes back that this receiver holds of the
   * key, so that no follower is settled while the one before it runs a second time.
   */
  lose(entry: Entry): void {
    const whole = entry.lane === undefined ? [entry] : entry.holder!.entries().filter((other) => other.lane === entry.lane);
    for (const lost of whole) this.giveBack(lost, 'lost', true);
  }

  extend(entry: Entry, until: number): void {
    entry.until = until;
    this.alarm.by(until);
  }

  /** Moves on what is due: delayed messages and locks that ran out. */
  sweep(): void {
    const now = this.clock.monotonic();
    let due = this.delayed.peek();
    const moved = due !== undefined && due.until <= now;
    for (; due !== undefined && due.until <= now; due = this.delayed.peek()) {
      this.delayed.remove(due);
      if (due.deliveries === 0) this.enter(due);
      else this.line.resume(due);
    }
    let next = due?.until ?? Number.POSITIVE_INFINITY;
    for (const holder of this.holders) {
      for (const entry of holder.entries()) {
        if (entry.until > now) next = Math.min(next, entry.until);
        else this.lose(entry);
      }
    }
    if (this.holders.size > 0) this.alarm.by(next);
    if (moved) this.onReady();
  }

  /** Everything that is here, in the order of its places; of a log only what was handed out before. */
  entries(): Entry[] {
    const held = [...this.holders].flatMap((holder) => holder.entries());
    return [...this.line.entries(), ...this.delayed, ...held].sort((one, other) => one.order - other.order);
  }

  private giveBack(entry: Entry, state: 'settled' | 'lost', touched: boolean): void {
    this.endHold(entry, state);
    this.line.end(entry);
    this.line.putBack(new Entry(entry.message, entry.order, touched ? entry.deliveries : entry.deliveries - 1));
    this.onReady();
  }

  private endHold(entry: Entry, state: 'settled' | 'lost'): void {
    entry.state = state;
    entry.holder!.remove(entry);
    this.held -= 1;
  }
}
