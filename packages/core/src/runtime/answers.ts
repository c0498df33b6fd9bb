import type { Transport } from '../transport/transport.js';
import { claiming } from './claiming-send.js';
import type { EngineOptions } from './engine-options.js';
import type { Link } from './link.js';
import { type Draft, Outgoing } from './outgoing.js';
import { type SenderEndOptions, senderEnd } from './outlets.js';
import { replyQueue } from './reply-channel.js';
import type { SenderEnd } from './sender-end.js';

/** Reply queues that sending ends are kept open for; beyond it the one that was used longest ago and is idle is closed. */
const MOST_OPEN = 64;

interface Answering {
  readonly transport: string;
  readonly end: SenderEnd;
  readonly outgoing: Outgoing;
  readonly link: Link | undefined;
}

/** Sends replies to the addresses that requests name: those of other instances, which come and go. */
export class Answers {
  readonly #sending: SenderEndOptions;
  readonly #o: EngineOptions;
  readonly #links: ReadonlyMap<string, Link>;
  /** In order of use, the oldest first. */
  readonly #open = new Map<string, Answering>();

  constructor(sending: SenderEndOptions, options: EngineOptions, links: ReadonlyMap<string, Link>) {
    this.#sending = sending;
    this.#o = options;
    this.#links = links;
  }

  get all(): readonly Answering[] {
    return [...this.#open.values()];
  }

  send(transport: string, address: string, draft: Draft): Promise<void> {
    const key = `${transport} ${address}`;
    const found = this.#open.get(key) ?? this.#make(transport, address);
    this.#open.delete(key);
    this.#open.set(key, found);
    this.#trim();
    return found.outgoing.send(draft);
  }

  async drain(deadlineMs: number): Promise<number> {
    const given = await Promise.all(this.all.map(({ end }) => end.batcher.drain(deadlineMs)));
    return given.reduce((sum, count) => sum + count, 0);
  }

  #make(transport: string, address: string): Answering {
    const { service, clock, current } = this.#o;
    const channel = replyQueue(this.#o.transports.get(transport) as Transport, address);
    const end = senderEnd(this.#sending, transport, channel, undefined, 'own');
    const publish = claiming(this.#o, transport, channel, (message, signal) => end.batcher.send(message, signal));
    const link = this.#links.get(transport);
    link?.add(end);
    return {
      transport,
      end,
      link,
      outgoing: new Outgoing({ publish, service, clock, current, create: undefined, sent: undefined }),
    };
  }

  #trim(): void {
    if (this.#open.size <= MOST_OPEN) return;
    for (const [key, { end, link }] of this.#open) {
      if (end.batcher.pending > 0) continue;
      this.#open.delete(key);
      // closing fails only with its link, and then it is closed
      link
        ?.remove(end)
        .then(() => end.lost())
        .catch(() => undefined);
      return;
    }
  }
}
