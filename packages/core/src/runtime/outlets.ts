import type { Channel } from '../transport/channel.js';
import type { Clock } from '../transport/clock.js';
import type { MessagingError } from '../transport/errors.js';
import type { Transport } from '../transport/transport.js';
import { createBatcher } from './batcher.js';
import { senderChain } from './chain.js';
import type { SendHook } from './hooks.js';
import type { Link, LinkEnd } from './link.js';
import { SenderEnd } from './sender-end.js';

/** What the outlets need to make a sending end. */
export interface SenderEndOptions {
  readonly transports: ReadonlyMap<string, Transport>;
  readonly clock: Clock;
  readonly sendTimeoutMs: number;
  /** Whether provisioning makes this channel. */
  readonly remakes: (transport: string, channel: Channel) => boolean;
  readonly onLinkError: (transport: string, end: LinkEnd, error: MessagingError) => void;
}

/** Messages that one channel's sender may hold unresolved; further sends wait for room. */
const MAX_PENDING = 10_000;
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
const MAX_IN_FLIGHT = 4_096;

/** Makes the sending end of one channel; whoever asks adds it to its link. */
export function senderEnd(o: SenderEndOptions, transport: string, channel: Channel, send?: SendHook, own?: 'own'): SenderEnd {
  const broker = o.transports.get(transport) as Transport;
  const capabilities = broker.capabilities(channel);
  const { limits } = capabilities;
  const batcher = createBatcher({
    what: `channel "${channel.name}" on transport "${transport}"`,
    limits,
    ordered: channel.ordered,
    lingerMs: limits.lingerMs,
    sendTimeoutMs: o.sendTimeoutMs,
    maxPending: MAX_PENDING,
    maxPendingBytes: MAX_PENDING_BYTES,
    maxInFlight: MAX_IN_FLIGHT,
    ...(own === undefined ? {} : { reserveBytes: 0 }),
    clock: o.clock,
    around: send,
    remakes: () => o.remakes(transport, channel),
    onLinkError: (error) => o.onLinkError(transport, end, error),
  });
  const end: SenderEnd = new SenderEnd(channel.name, batcher, async () =>
    senderChain(await broker.sender(channel), capabilities),
  );
  return end;
}

/** Every sending end of the app, one per channel and transport, whoever sends there. */
export class Outlets {
  readonly #o: SenderEndOptions;
  readonly #links: ReadonlyMap<string, Link>;
  readonly #ends = new Map<string, { readonly transport: string; readonly channel: Channel; readonly end: SenderEnd }>();

  constructor(options: SenderEndOptions, links: ReadonlyMap<string, Link>) {
    this.#o = options;
    this.#links = links;
  }

  /** The sending end of a channel. `own`: what the core itself sends may use all of a message's bytes. */
  get(transport: string, channel: Channel, send?: SendHook, own?: 'own'): SenderEnd {
    const key = `${transport} ${channel.kind} ${channel.address}`;
    const known = this.#ends.get(key);
    if (known !== undefined) return known.end;
    const end = senderEnd(this.#o, transport, channel, send, own);
    this.#ends.set(key, { transport, channel, end });
    this.#links.get(transport)?.add(end);
    return end;
  }

  /** The channels of a transport that anything is sent to, for as far as is known before a request names its reply channel. */
  sends(transport: string): readonly Channel[] {
    return [...this.#ends.values()].filter((each) => each.transport === transport).map(({ channel }) => channel);
  }

  /** Waits for what is unresolved; resolves to how many sends were given up at the deadline. */
  async drain(deadlineMs: number): Promise<number> {
    const given = await Promise.all(this.all.map(({ end }) => end.batcher.drain(deadlineMs)));
    return given.reduce((sum, count) => sum + count, 0);
  }

  get all(): readonly { readonly transport: string; readonly end: SenderEnd }[] {
    return [...this.#ends.values()];
  }
}
