import type { Message } from '@omnibus/core/transport';
import { type BrokerObject, type Inspection, total } from './broker-object.js';
import type { Interest } from './interest.js';
import type { StoredQueue } from './stored-queue.js';

interface Binding {
  readonly queue: StoredQueue;
  readonly interest: Interest;
}

/** Gives each message to the queue of every group that wants it; keeps nothing itself. */
export class Topic implements BrokerObject {
  readonly kind = 'topic';
  readonly properties = TOPIC_PROPERTIES;
  /** By the address of the group's queue. */
  readonly bindings = new Map<string, Binding>();
  private unrouted = 0;

  room(): number {
    return Math.min(...[...this.bindings.values()].map(({ queue }) => queue.room()));
  }

  /** All groups or none: a message that one of them has no room for is kept by nobody. */
  accept(message: Message): boolean {
    const wanting: StoredQueue[] = [];
    for (const { queue, interest } of this.bindings.values()) if (queue.keeps && interest.wants(message)) wanting.push(queue);
    if (wanting.some((queue) => queue.room() <= 0)) return false;
    if (wanting.length === 0) this.unrouted += 1;
    for (const queue of wanting) queue.accept(message);
    return true;
  }

  inspect(): Inspection {
    const groups = Object.fromEntries(
      [...this.bindings].map(([address, { queue }]) => {
        const { ready, unsettled, delayed, expired } = queue.inspect();
        return [address, { ready, unsettled, delayed, expired, committed: {} }];
      }),
    );
    return { kind: this.kind, ...total(Object.values(groups)), unrouted: this.unrouted, due: [], messages: [], groups };
  }
}

/** A topic has nothing by which two could differ but its kind. */
export const TOPIC_PROPERTIES: Readonly<Record<string, string>> = Object.freeze({ kind: 'topic' });
