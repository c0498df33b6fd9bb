import type { Socket } from 'node:net';

/** `up` is from the client to the upstream, `down` is back. */
export type Direction = 'up' | 'down';

/** What is wrong with the links. Everything left out is healthy; every change applies at once, also to bytes that wait. */
export interface Toxics {
  /** Added to every byte, each way, in ms. */
  readonly latencyMs?: number;
  /** Up to this much more latency, drawn for each chunk from the proxy's seed; the order of bytes stays. */
  readonly jitterMs?: number;
  /** Some chunks, and so all behind them, come later still: TCP sends again what the network lost, and passes nothing on before it. */
  readonly stalls?: Stalls;
  /** At most this many bytes a second, each way and each link. */
  readonly bytesPerSec?: number;
  /** Bytes are passed on in pieces of at most this size. */
  readonly sliceBytes?: number;
  /** Nothing passes, neither bytes nor the end of a link, as behind a cut cable: it is held (bounded) and passes when this is lifted. */
  readonly blackhole?: Direction | 'both';
  /** New connections are reset right after they were accepted; existing ones live on. */
  readonly refuse?: boolean;
  /** A link ends when exactly so many of its bytes have passed this way. See `cutWhen` for what its two ends see. */
  readonly cutAfterBytes?: { readonly up?: number; readonly down?: number };
}

/** How a network that loses packets looks from above TCP. */
export interface Stalls {
  /** The part of the chunks that stall, drawn for each from the proxy's seed: 0.05 is one in twenty. */
  readonly chance: number;
  /** How long, in ms: drawn between the two. */
  readonly minMs: number;
  readonly maxMs: number;
}

/** What a link asks of its proxy. */
export interface LinkConditions {
  toxics(): Toxics;
  /** Whether this is the moment to cut: instead of passing the chunk on, or after it. `done` is called when it is cut. */
  momentOf(direction: Direction, chunk: Buffer): { readonly where: 'before' | 'after'; readonly done: () => void } | undefined;
  passed(direction: Direction, bytes: number): void;
  /** A number in [0, 1): two for each chunk of this direction, one of its jitter and one of its stall. */
  random(direction: Direction): number;
}

/** Held for each direction of a link; beyond it the sending end is no longer read from, so that it feels the back-pressure. */
const WINDOW_BYTES = 256 * 1024;
/** A limited link passes its bytes in so many pieces a second, not in one burst. */
const PIECES_PER_SECOND = 20;

interface Piece {
  /** Bytes, or how the sending end closed. */
  readonly what: Buffer | 'end' | 'reset';
  readonly atMs: number;
  readonly jitter: number;
  readonly luck: number;
}

interface Lane {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  readonly queue: Piece[];
  heldBytes: number;
  passedBytes: number;
  /** When a limited lane may pass its next bytes. */
  freeAtMs: number;
}

/** One connection through the proxy: two sockets and what lies between them. */
export class FaultLink {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #conditions: LinkConditions;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #sleepers = new Set<() => void>();
  #frozen = false;
  #gone = false;

  constructor(client: Socket, upstream: Socket, conditions: LinkConditions) {
    this.#conditions = conditions;
    this.#client = client;
    this.#upstream = upstream;
    this.closed = Promise.all(
      [client, upstream].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    ).then(() => this.#end());
    void this.#carry({ direction: 'up', from: client, to: upstream, queue: [], heldBytes: 0, passedBytes: 0, freeAtMs: 0 });
    void this.#carry({ direction: 'down', from: upstream, to: client, queue: [], heldBytes: 0, passedBytes: 0, freeAtMs: 0 });
  }

  /** The toxics have changed, or bytes have come. */
  wake(): void {
    for (const awaken of [...this.#sleepers]) awaken();
  }

  /** From now on nothing passes for good, and neither end hears of it: what the other end sends or closes stays here. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Resets both ends; what was held is lost. */
  cut(): void {
    reset(this.#client);
    reset(this.#upstream);
    this.#end();
  }

  #end(): void {
    this.#gone = true;
    this.wake();
  }

  async #carry(lane: Lane): Promise<void> {
    const arrive = (what: Piece['what']): void => {
      const draw = (): number => this.#conditions.random(lane.direction);
      lane.queue.push({ what, atMs: performance.now(), jitter: draw(), luck: draw() });
      this.wake();
    };
    lane.from.on('data', (bytes: Buffer) => {
      lane.heldBytes += bytes.length;
      if (lane.heldBytes >= WINDOW_BYTES) lane.from.pause();
      arrive(bytes);
    });
    lane.from.on('end', () => arrive('end'));
    lane.from.on('error', () => arrive('reset'));

    while (!this.#gone) {
      const piece = lane.queue[0];
      const restMs = piece === undefined || this.#isStuck(lane) ? Infinity : this.#lagOf(piece);
      if (restMs > 0) await this.#rest(restMs);
      else {
        lane.queue.shift();
        await this.#deliver(lane, piece as Piece);
      }
    }
  }

  async #deliver(lane: Lane, { what }: Piece): Promise<void> {
    if (what === 'reset') return this.cut();
    if (what === 'end') return void lane.to.end();
    const moment = this.#conditions.momentOf(lane.direction, what);
    if (moment?.where === 'before') this.cut();
    await this.#passOn(lane, what);
    if (moment?.where === 'after') this.#cutBehind(lane);
    moment?.done();
    lane.heldBytes -= what.length;
    if (lane.heldBytes < WINDOW_BYTES) lane.from.resume();
  }

  async #passOn(lane: Lane, bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0 && !this.#gone; ) {
      const { bytesPerSec, sliceBytes, cutAfterBytes } = this.#conditions.toxics();
      const restMs = this.#isStuck(lane) ? Infinity : bytesPerSec === undefined ? 0 : lane.freeAtMs - performance.now();
      if (restMs > 0) {
        await this.#rest(restMs);
        continue;
      }
      const room = (cutAfterBytes?.[lane.direction] ?? Infinity) - lane.passedBytes;
      if (room <= 0) return this.#cutBehind(lane);
      const paced = bytesPerSec === undefined ? Infinity : Math.max(1, Math.floor(bytesPerSec / PIECES_PER_SECOND));
      const piece = rest.subarray(0, Math.min(room, paced, sliceBytes ?? Infinity));
      rest = rest.subarray(piece.length);
      if (bytesPerSec !== undefined)
        lane.freeAtMs = Math.max(lane.freeAtMs, performance.now()) + (piece.length / bytesPerSec) * 1_000;
      await write(lane.to, piece);
      lane.passedBytes += piece.length;
      this.#conditions.passed(lane.direction, piece.length);
      if (piece.length === room) return this.#cutBehind(lane);
    }
  }

  /** The receiving end gets all that was passed and then the end of the link, the sending end gets a reset. */
  #cutBehind(lane: Lane): void {
    lane.to.destroySoon();
    reset(lane.from);
    this.#end();
  }

  #isStuck({ direction }: Lane): boolean {
    const { blackhole } = this.#conditions.toxics();
    return this.#frozen || blackhole === direction || blackhole === 'both';
  }

  #lagOf({ atMs, jitter, luck }: Piece): number {
    const { latencyMs = 0, jitterMs = 0, stalls } = this.#conditions.toxics();
    return atMs + latencyMs + jitter * jitterMs + stallOf(luck, stalls) - performance.now();
  }

  /** Until something has changed, or `ms` have passed. */
  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const awaken = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(awaken);
        resolve();
      };
      const timer = ms === Infinity ? undefined : setTimeout(awaken, Math.ceil(ms));
      this.#sleepers.add(awaken);
    });
  }
}

/** Of a number in [0, 1): those below the chance stall, evenly between the shortest and the longest. */
export function stallOf(luck: number, stalls: Stalls | undefined): number {
  if (stalls === undefined || luck >= stalls.chance) return 0;
  return stalls.minMs + (luck / stalls.chance) * (stalls.maxMs - stalls.minMs);
}

/**
 * Closes with RST. A socket that is still connecting is dropped, since it could only be reset once connected; so is one that is just
 * sending its FIN, which libuv refuses to reset (EINVAL), and Node.js then never closes.
 */
export function reset(socket: Socket): void {
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}

/** Resolves when the socket takes more bytes, or is closed. */
function write(socket: Socket, bytes: Buffer): Promise<void> | undefined {
  if (socket.destroyed || socket.write(bytes)) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
