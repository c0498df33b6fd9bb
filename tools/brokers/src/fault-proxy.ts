import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Direction, FaultLink, type LinkConditions, reset, type Toxics } from './fault-link.js';

/** Where the proxy listens and leads to. */
export interface FaultProxyOptions {
  readonly upstream: Upstream;
  /** Default 0: any free port, which then stays the same. */
  readonly port?: number;
  /** Of jitter and stalls; default 1. The same seed and the same chunks give the same delays. */
  readonly seed?: number;
}

/** Where connections are led to. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** What has happened since the proxy listens. */
export interface FaultCounts {
  /** Also those whose upstream could not be reached, which are reset. */
  readonly accepted: number;
  readonly refused: number;
  /** Links that are open now, frozen ones included. */
  readonly open: number;
  /** Bytes that were passed on, by direction. */
  readonly up: number;
  readonly down: number;
}

/** Looks at what is about to pass, chunk by chunk as TCP brought it, and says whether this is the moment. `link` counts connections from 1. */
export type MomentPredicate = (direction: Direction, chunk: Buffer, link: number) => boolean;

interface Moment {
  readonly predicate: MomentPredicate;
  readonly where: 'before' | 'after';
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A TCP proxy on 127.0.0.1 that breaks what passes through it. The port is fixed, the upstream can be swapped, the toxics change
 * while links are open. It accepts connections always, also where a real cut link would let the connect time out.
 */
export class FaultProxy implements AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Where new connections are led to; existing links stay where they are. */
  upstream: Upstream;
  readonly #server: Server;
  readonly #links = new Set<FaultLink>();
  readonly #seed: number;
  #toxics: Toxics = {};
  #moments: Moment[] = [];
  #closed: Promise<void> | undefined;
  #accepted = 0;
  #refused = 0;
  #passed = { up: 0, down: 0 };

  private constructor(server: Server, { upstream, seed = 1 }: FaultProxyOptions) {
    this.upstream = upstream;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#seed = seed;
    server.on('connection', (client) => this.#accept(client));
  }

  /**
   * Listens and leads to an upstream.
   * @throws Error when the port is taken
   */
  static async listen(options: FaultProxyOptions): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await once(server.listen({ port: options.port ?? 0, host: '127.0.0.1' }), 'listening');
    return new FaultProxy(server, options);
  }

  /** Listens in front of the host and port of a URL, which must name its port; `url` gives that URL through the proxy. */
  static async inFrontOf(url: string, options: Omit<FaultProxyOptions, 'upstream'> = {}): Promise<FaultProxy> {
    const { hostname, port } = new URL(url);
    if (port === '') throw new RangeError('the URL must name its port');
    return FaultProxy.listen({ ...options, upstream: { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) } });
  }

  /** The same URL, but through the proxy. */
  url(original: string): string {
    const url = new URL(original);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  get counts(): FaultCounts {
    return { accepted: this.#accepted, refused: this.#refused, open: this.#links.size, ...this.#passed };
  }

  /**
   * Replaces all toxics.
   * @throws RangeError for a negative amount, for pieces or a rate of nothing, or for stalls that are none
   */
  set(toxics: Toxics): void {
    const { latencyMs = 0, jitterMs = 0, bytesPerSec = 1, sliceBytes = 1, cutAfterBytes: { up = 0, down = 0 } = {} } = toxics;
    const { chance, minMs, maxMs } = toxics.stalls ?? { chance: 0, minMs: 0, maxMs: 0 };
    if (!(chance >= 0 && chance <= 1 && minMs >= 0 && maxMs >= minMs))
      throw new RangeError('stalls need a chance from 0 to 1, and a maxMs of at least minMs');
    if (!(latencyMs >= 0 && jitterMs >= 0 && up >= 0 && down >= 0))
      throw new RangeError('latencyMs, jitterMs and cutAfterBytes must not be negative');
    if (!(bytesPerSec > 0 && sliceBytes >= 1))
      throw new RangeError('bytesPerSec and sliceBytes must be more than 0: for nothing at all there is blackhole');
    this.#toxics = toxics;
    for (const link of this.#links) link.wake();
  }

  /** Takes all toxics away; what was held passes. Links that `halfOpen` froze stay frozen. */
  heal(): void {
    this.set({});
  }

  /** Resets (RST) every link at both ends; what was held is lost. */
  cutAll(): void {
    for (const link of this.#links) link.cut();
  }

  /** Freezes every open link for good: both ends believe it open, nothing passes any more, no FIN either. New links are healthy. */
  halfOpen(): void {
    for (const link of this.#links) link.freeze();
  }

  /**
   * Cuts one link, once, at the moment the predicate names, and resolves then. `after` (default): the chunk passes, the end that it
   * goes to reads it and then the end of the link, the end that sent it gets a reset. `before`: the chunk is lost and both ends
   * get a reset. TCP may split what was written at once: a predicate that needs more than one chunk collects them by link.
   * Rejects when the predicate throws or the proxy is closed first; nobody has to wait for it.
   */
  cutWhen(predicate: MomentPredicate, where: 'before' | 'after' = 'after'): Promise<void> {
    const cut = new Promise<void>((resolve, reject) => this.#moments.push({ predicate, where, resolve, reject }));
    cut.catch(() => {});
    return cut;
  }

  /** Resets every link, stops listening, and resolves when every socket is closed. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const links = [...this.#links];
    this.cutAll();
    for (const { reject } of this.#moments.splice(0)) reject(new Error('the proxy was closed before the moment to cut came'));
    await Promise.all([stopped, ...links.map((link) => link.closed)]);
  }

  #accept(client: Socket): void {
    if (this.#toxics.refuse === true || this.#closed !== undefined) {
      this.#refused += 1;
      client.on('error', () => {});
      return reset(client);
    }
    this.#accepted += 1;
    const upstream = connect({ ...this.upstream, allowHalfOpen: true, noDelay: true });
    const link = new FaultLink(client, upstream, this.#conditions(this.#accepted));
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
  }

  #conditions(link: number): LinkConditions {
    const random = { up: seeded(this.#seed * 65_537 + link * 2), down: seeded(this.#seed * 65_537 + link * 2 + 1) };
    return {
      toxics: () => this.#toxics,
      momentOf: (direction, chunk) => this.#momentOf(direction, chunk, link),
      passed: (direction, bytes) => {
        this.#passed[direction] += bytes;
      },
      random: (direction) => random[direction](),
    };
  }

  #momentOf(direction: Direction, chunk: Buffer, link: number): ReturnType<LinkConditions['momentOf']> {
    for (const moment of this.#moments) {
      try {
        if (!moment.predicate(direction, chunk, link)) continue;
      } catch (error) {
        this.#moments = this.#moments.filter((other) => other !== moment);
        moment.reject(error);
        continue;
      }
      this.#moments = this.#moments.filter((other) => other !== moment);
      return { where: moment.where, done: moment.resolve };
    }
    return undefined;
  }
}

/** Numbers in [0, 1), the same for the same seed (mulberry32, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
