import type { Limits } from '../transport/capabilities.js';
import type { From } from '../transport/channel.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { Receiver } from '../transport/transport.js';
import { Executor } from './executor.js';
import type { ExecutorOptions } from './executor-options.js';
import type { SettleHook } from './hooks.js';
import type { LinkEnd } from './link.js';
import { seek } from './seek.js';
import { Session } from './session.js';
import type { ConsumerStats } from './stats.js';

export interface ConsumerEndOptions extends Omit<ExecutorOptions, 'hungry'> {
  /** `orders/shipping`: for logs, errors and health. */
  readonly name: string;
  readonly limits: Limits;
  readonly window: number;
  readonly settle: SettleHook | undefined;
  /** An id for a message of others that has none. */
  readonly newId: () => string;
  /** Opens the receiver with its emulators around it. */
  readonly receiver: () => Promise<Receiver>;
  readonly failed: (end: ConsumerEnd, error: MessagingError) => void;
}

/** The receiving end of one group or queue, over all the links that it lives through. */
export class ConsumerEnd implements LinkEnd {
  readonly name: string;
  readonly #o: ConsumerEndOptions;
  readonly #executor: Executor;
  #session: Session | undefined;
  /** Why no handler begins. */
  readonly #holds = new Set<'paused' | 'seeking' | 'draining'>();
  #opening = 0; // the newest call of `open`; what an older one still opens is closed
  #seeks: Promise<unknown> = Promise.resolve();
  #seeking: AbortController | undefined; // aborts when its session ends
  readonly #stuck = new Map<string, string>();

  constructor(options: ConsumerEndOptions) {
    this.name = options.name;
    this.#o = options;
    this.#executor = new Executor({ ...options, hungry: () => this.#session?.ask() });
  }

  get paused(): boolean {
    return this.#holds.has('paused');
  }
  get concurrency(): number {
    return this.#executor.concurrency;
  }
  /** Takes effect at once; the window stays as it was set at startup. */
  set concurrency(value: number) {
    this.#executor.concurrency = value;
  }
  get running(): number {
    return this.#executor.running;
  }

  /** What waits at the broker, where it tells. */
  get lag(): Pick<ConsumerStats, 'lag'> {
    const lag = this.#session?.receiver.lag?.();
    return lag === undefined ? {} : { lag };
  }

  /** What keeps messages from leaving (a dead-letter channel that refuses), by what says so; undefined = nothing any more. */
  stuck(what: string, error: unknown): void {
    if (error === undefined) this.#stuck.delete(what);
    else this.#stuck.set(what, `${what}: ${textOf(error)}`);
  }

  async open(): Promise<void> {
    if (this.#holds.has('draining')) return;
    const opening = ++this.#opening;
    const receiver = await this.#o.receiver();
    if (opening !== this.#opening) return receiver.close();
    const { name, origin, limits, window, clock, stats, settle, newId } = this.#o;
    const session: Session = new Session({
      name,
      log: origin.log,
      receiver,
      executor: this.#executor,
      limits,
      window,
      clock,
      stats,
      hook: settle,
      newId,
      stuck: (error) => this.stuck('messages cannot be settled', error),
      starved: (error) => this.#starved(error),
      failed: (error) => this.#session === session && this.#o.failed(this, error),
    });
    this.#session = session;
    if (this.#holds.size === 0) session.start();
  }

  /** One log line a streak; health says for how long. */
  #starved(error: MessagingError | undefined): void {
    const what = 'messages cannot be received';
    if (error !== undefined && !this.#stuck.has(what)) {
      const { name, origin } = this.#o;
      const fields = { consumer: name, code: error.code, error: error.message };
      origin.log.warn(fields, `${name}: ${what} for the moment; it is tried again until it works`);
    }
    this.stuck(what, error);
  }

  async lost(error: MessagingError): Promise<void> {
    this.#opening++;
    this.#seeking?.abort(error);
    this.#starved(undefined);
    const session = this.#session;
    this.#session = undefined;
    await session?.close(error);
  }

  /** Takes nothing new and starts no handler; what runs ends as always. */
  async pause(): Promise<void> {
    if (!this.paused) await this.#hold('paused');
  }

  resume(): void {
    if (this.paused) this.#letGo('paused');
  }

  async #hold(why: 'paused' | 'seeking'): Promise<void> {
    this.#holds.add(why);
    this.#executor.pause();
    await this.#session?.halt();
  }

  #letGo(why: 'paused' | 'seeking'): void {
    this.#holds.delete(why);
    if (this.#holds.size > 0) return;
    this.#executor.resume();
    this.#session?.start();
  }

  /**
   * Moves the positions of a log, once what runs has ended and its verdicts have reached the broker, or the deadline is over; then it
   * goes on, if it did before. One after another. Gives the partitions that were moved.
   */
  seek(from: From, deadlineMs: number): Promise<readonly string[]> {
    const moved = this.#seeks.then(() => this.#seek(from, deadlineMs));
    this.#seeks = moved.catch(() => {}); // whoever asked is told
    return moved;
  }

  async #seek(from: From, deadlineMs: number): Promise<readonly string[]> {
    const { name, clock, origin } = this.#o;
    const what = `seek of ${name}`;
    const session = this.#session;
    if (session === undefined) throw new MessagingError('LOST', `${what}: its receiver is not open; nothing was moved`);
    this.#seeking = new AbortController();
    try {
      await this.#hold('seeking');
      const quiet = this.#settled(session);
      const partitions = await seek(from, { what, session, clock, deadlineMs, quiet, signal: this.#seeking.signal });
      const fields = { consumer: name, partitions, running: this.running };
      origin.log.info(fields, `${name}: positions were moved; what was received before and has not ended is lost`);
      return partitions;
    } finally {
      this.#seeking = undefined;
      this.#letGo('seeking');
    }
  }

  /** No new messages; resolves when handlers have ended and their verdicts reached the broker, or when the signal aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#holds.add('draining');
    this.#opening++;
    this.#executor.pause();
    const late = new Promise<void>((resolve) =>
      signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    const session = this.#session;
    await Promise.race([late, this.#settled(session)]);
  }

  async #settled(session: Session | undefined): Promise<void> {
    await session?.halt();
    await this.#executor.idle();
    await session?.settled();
  }

  /** Gives back what is unsettled; handlers that still run are told to stop. */
  async close(): Promise<void> {
    this.#holds.add('draining');
    this.#opening++;
    this.#seeking?.abort(new MessagingError('CLOSED', `${this.name} stops`));
    this.#executor.close();
    const session = this.#session;
    this.#session = undefined;
    await session?.close(new MessagingError('CLOSED', `${this.name} stopped: the message is given back`));
  }

  /** Undefined where messages can flow. */
  get why(): string | undefined {
    if (this.#stuck.size > 0) return [...this.#stuck.values()].join('; ');
    if (this.#session === undefined) return 'not consuming: its receiver is not open';
    return undefined;
  }
}
