import type { ChannelKind, Message } from '@omnibus/core/transport';

/** How much of what, as tests see it. */
export interface Counts {
  /** Could be handed out now, or as soon as its key is free. */
  readonly ready: number;
  /** Handed out, neither settled nor lost. */
  readonly unsettled: number;
  /** Waits for its delay, or for its retry. */
  readonly delayed: number;
  /** Dropped so far because their time was over when their turn came. */
  readonly expired: number;
}

/** One object of a memory broker, as tests see it. */
export interface Inspection extends Counts {
  readonly kind: ChannelKind;
  /** Accepted so far without being kept: no group wanted it. */
  readonly unrouted: number;
  /** When what waits for its delay, or for its retry, is due: ms since 1970, in no order. Of queues only. */
  readonly due: readonly number[];
  /** What is kept here, in order: of a stream all that it still holds, of a topic nothing. */
  readonly messages: readonly Message[];
  /** By the address of the subscription: topics and streams. */
  readonly groups: Readonly<Record<string, GroupInspection>>;
}

/** One group of a topic or stream, as tests see it. */
export interface GroupInspection extends Counts {
  /** By partition: the position of the lowest unsettled message. Streams only. */
  readonly committed: Readonly<Record<string, string>>;
}

/** What stands behind an address. */
export interface BrokerObject {
  readonly kind: ChannelKind;
  /** What a configuration may differ in, as text. */
  readonly properties: Readonly<Record<string, string>>;
  /** How many more messages fit for certain. */
  room(): number;
  /** False = full, and nothing was kept of it. */
  accept(message: Message): boolean;
  inspect(): Inspection;
}

/** The sum, for an object with several groups. */
export function total(counts: Iterable<Counts>): Counts {
  const sum = { ready: 0, unsettled: 0, delayed: 0, expired: 0 };
  for (const one of counts) {
    sum.ready += one.ready;
    sum.unsettled += one.unsettled;
    sum.delayed += one.delayed;
    sum.expired += one.expired;
  }
  return sum;
}
