import { type Clock, type Delivery, type From, type MessagingError, RECEIVE_WAIT_MS } from '@omnibus/core/transport';
import type { Holder, HoldTerms } from './holder.js';
import type { Queue } from './queue.js';

/** One receiver of a group: what it holds of each of the group's queues. */
export interface Member {
  readonly holders: readonly Holder[];
  /** The queue that it looks into first, so that each gets its turn. */
  turn: number;
}

interface Wait {
  readonly member: Member;
  readonly max: number;
  finish(result: readonly Delivery[] | MessagingError): void;
}

const EMPTY: readonly Delivery[] = Object.freeze([]);

/**
 * The receivers that share what waits for one group. A queue is open to all of them. The partitions of a stream are dealt
 * out: each belongs to one receiver, and when receivers come or go it moves on once its old owner has settled what it holds.
 */
export class Group {
  readonly queues: readonly Queue[];
  private readonly members: Member[] = [];
  private readonly waits = new Set<Wait>();
  private woken = false;

  constructor(
    private readonly clock: Clock,
    queues: (onReady: () => void) => readonly Queue[],
    private readonly onDeserted: () => void,
    /** Of a stream: moves the group in these partitions; throws INVALID, having moved nothing. */
    private readonly move?: (from: From, partitions: readonly number[]) => void,
  ) {
    this.queues = queues(() => this.wake());
  }

  /** Whether anybody receives. */
  get attended(): boolean {
    return this.members.length > 0;
  }

  join(terms: HoldTerms): Member {
    const member = { holders: this.queues.map((queue) => queue.attach(terms)), turn: 0 };
    this.members.push(member);
    this.wake(); // partitions may have moved
    return member;
  }

  /** Gives back all that the member holds; its waiting calls end with `result`. `touched` = those hand-outs count. */
  leave(member: Member, touched: boolean, result: readonly Delivery[] | MessagingError = EMPTY): void {
    for (const wait of this.waits) if (wait.member === member) wait.finish(result);
    this.members.splice(this.members.indexOf(member), 1);
    for (const holder of member.holders) holder.queue.detach(holder, touched);
    this.wake();
    if (!this.attended) this.onDeserted();
  }

  /** Whether it reads a log. */
  get isLog(): boolean {
    return this.move !== undefined;
  }

  /**
   * Moves the partitions that belong to this member, and gives them. All that it holds is lost to it; what it still has of partitions that
   * are another's by now goes back to its place.
   */
  seek(member: Member, from: From): readonly string[] {
    const own = this.own(member);
    this.move?.(from, own);
    for (const holder of member.holders) holder.queue.takeBack(holder, false);
    this.wake();
    return own.map(String);
  }

  /** By partition of this member: messages that nobody has, those included that the group will not want. */
  lag(member: Member): Readonly<Record<string, number>> {
    return Object.fromEntries(this.own(member).map((index) => [String(index), this.queues[index]!.counts().ready]));
  }

  /** What is ready now, else what comes first; empty after 20 s or when the signal aborts. */
  receive(member: Member, max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    if (signal.aborted) return Promise.resolve(EMPTY);
    const out = this.take(member, max);
    return out.length > 0 ? Promise.resolve(out) : this.wait(member, max, signal);
  }

  /** Something may be ready now: the waiting calls look, one turn later, so that a whole batch is taken at once. */
  wake(): void {
    if (this.woken || this.waits.size === 0) return;
    this.woken = true;
    queueMicrotask(() => {
      this.woken = false;
      for (const wait of this.waits) {
        const out = this.take(wait.member, wait.max);
        if (out.length > 0) wait.finish(out);
      }
    });
  }

  private take(member: Member, max: number): readonly Delivery[] {
    const out: Delivery[] = [];
    const count = this.queues.length;
    for (let step = 0; step < count && out.length < max; step++) {
      const index = (member.turn + step) % count;
      if (this.mayTake(member, index)) this.queues[index]!.take(member.holders[index]!, max, out);
    }
    member.turn = (member.turn + 1) % count;
    return out;
  }

  private mayTake(member: Member, index: number): boolean {
    const queue = this.queues[index]!;
    if (queue.partition === undefined) return true;
    return this.isOwner(member, index) && queue.held === member.holders[index]!.size;
  }

  private isOwner(member: Member, index: number): boolean {
    return this.members[index % this.members.length] === member;
  }

  private own(member: Member): readonly number[] {
    return [...this.queues.keys()].filter((index) => this.isOwner(member, index));
  }

  private wait(member: Member, max: number, signal: AbortSignal): Promise<readonly Delivery[]> {
    return new Promise((resolve, reject) => {
      const abort = (): void => wait.finish(EMPTY);
      // keeps the process alive, as a broker's socket would
      const timer = this.clock.timer(RECEIVE_WAIT_MS, abort, 'ref');
      const wait: Wait = {
        member,
        max,
        finish: (result) => {
          this.waits.delete(wait);
          timer.cancel();
          signal.removeEventListener('abort', abort);
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waits.add(wait);
    });
  }
}
