import type { Capabilities } from '../transport/capabilities.js';
import type { Channel } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';
import { createBatcher } from './batcher.js';
import { senderChain } from './chain.js';
import type { SendHook } from './hooks.js';
import type { Link, LinkEnd } from './link.js';
import { SenderEnd } from './sender-end.js';

export interface OutletsOptions {
  readonly links: ReadonlyMap<string, Link>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly clock: Clock;
  readonly sendTimeoutMs: number;
  readonly onLinkError: (transport: string, end: LinkEnd, error: MessagingError) => void;
}

/** Messages that one channel's sender may hold unresolved; further sends wait for room. */
const MAX_PENDING = 10_000;
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const MAX_IN_FLIGHT = 4_096;

/** Every sending end of the app, one per channel and transport, whoever sends there. */
export class Outlets {
  readonly #o: OutletsOptions;
  readonly #ends = new Map<string, SenderEnd>();

  constructor(options: OutletsOptions) {
    this.#o = options;
  }

  /** The sending end of a channel, made and added to its link where it is new. `own`: what the core itself sends may use all of a message's bytes. */
  get(transport: string, channel: Channel, capabilities: Capabilities, send?: SendHook, own?: 'own'): SenderEnd {
    const key = `${transport} ${channel.kind} ${channel.address}`;
    let end = this.#ends.get(key);
    if (end === undefined) {
      end = this.#make(transport, channel, capabilities, send, own);
      this.#ends.set(key, end);
    }
    return end;
  }

  /** Waits for what is unresolved; resolves to how many sends were given up at the deadline. */
  async drain(deadlineMs: number): Promise<number> {
    const given = await Promise.all([...this.#ends.values()].map((end) => end.batcher.drain(deadlineMs)));
    return given.reduce((sum, count) => sum + count, 0);
  }

  get all(): readonly SenderEnd[] {
    return [...this.#ends.values()];
  }

  #make(transport: string, channel: Channel, capabilities: Capabilities, around: SendHook | undefined, own: 'own' | undefined): SenderEnd {
    const { limits } = capabilities;
    const broker = this.#o.transports.get(transport) as Transport;
    const batcher = createBatcher({
      what: `channel "${channel.name}" on transport "${transport}"`,
      limits,
      ordered: channel.ordered,
      lingerMs: limits.lingerMs,
      sendTimeoutMs: this.#o.sendTimeoutMs,
      maxPending: MAX_PENDING,
      maxPendingBytes: MAX_PENDING_BYTES,
      maxInFlight: MAX_IN_FLIGHT,
      ...(own === undefined ? {} : { reserveBytes: 0 }),
      clock: this.#o.clock,
      around,
      onLinkError: (error) => this.#o.onLinkError(transport, end, error),
    });
    const end = new SenderEnd(channel.name, batcher, async () => senderChain(await broker.sender(channel), capabilities));
    this.#o.links.get(transport)?.add(end);
    return end;
  }
}
