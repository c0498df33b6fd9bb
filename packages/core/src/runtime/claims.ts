import { setMaxListeners } from 'node:events';
import { type ClaimPointer, hasSizeHeader, OLD_SIZE_HEADER, pointerIn, SIZE_HEADER } from '../codec/pointer.js';
import { numberIn } from '../emulate/header-names.js';
import type { Clock } from '../transport/clock.js';
import { MessagingError, textOf } from '../transport/errors.js';
import type { ClaimCheck } from './claim-check.js';
import { storeError, Unclaimed } from './claim-errors.js';
import type { MessageContext } from './context.js';
import { gate } from './gate.js';
import type { Handler } from './handler.js';
import { linked } from './linked.js';
import type { Logger } from './logger.js';
import { within } from './within.js';

/** Bodies that are written at one time, and as many deletions; whoever comes beyond it waits. */
const AT_ONCE = 16;
/** Deletions that may wait; what comes beyond is left to the store's own rules. */
const MOST_DELETIONS = 1_000;

/** The claim check of one app: keeps, fetches and forgets bodies, each call with an end. */
export class Claims {
  readonly check: ClaimCheck;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #writing = gate(AT_ONCE);
  readonly #deleting = gate(AT_ONCE);
  readonly #busy = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #deletions = 0;
  #failing = false; // the last deletion failed: one line a streak

  constructor(check: ClaimCheck, clock: Clock, log: Logger) {
    this.check = check;
    this.#clock = clock;
    this.#log = log;
    setMaxListeners(0, this.#closing.signal); // one a call: bounded by the gates
  }

  /** Whether large messages of a channel are kept; replies go with their transport, as their queues are of no channel. */
  covers(transport: string, channel?: string): boolean {
    const { channels } = this.check;
    return this.reads(transport) && (channel === undefined || channels === undefined || channels.includes(channel));
  }

  /** Whether pointers are followed: on every channel of a transport, dead-letter channels too. */
  reads(transport: string): boolean {
    return this.check.transports?.includes(transport) !== false;
  }

  /** Keeps a body. What is written after the signal aborted is deleted again. */
  async put(body: Uint8Array, contentType: string, signal: AbortSignal): Promise<ClaimPointer> {
    const { store, maxBytes } = this.check;
    const what = `a body of ${body.length} bytes could not be kept in ${store.name}`;
    if (body.length > maxBytes)
      throw new MessagingError('TOO_LARGE', `${what}: its claim check takes at most ${maxBytes} (maxBytes)`);
    const until = linked(signal, this.#closing.signal);
    let writing: Promise<ClaimPointer> | undefined;
    try {
      return await this.#writing(until.signal, () => {
        writing = (async () => store.put(body, { signal: until.signal, contentType }))();
        return orAborted(until.signal, writing);
      });
    } catch (error) {
      writing?.then((pointer) => this.forget(pointer)).catch(() => {});
      throw storeError(error, what);
    } finally {
      until.release();
    }
  }

  /** A decoder that fetches first what a message points to; for all others it costs a look at two headers. */
  reader(decode: Handler['decode']): Handler['decode'] {
    return (body, context) => {
      const { envelope } = context;
      if (!hasSizeHeader(envelope)) return decode(body, context);
      const pointer = pointerIn({ headers: envelope, body });
      if (pointer === undefined) return decode(body, context);
      context.claimed = true;
      return this.#get(pointer, context).then((fetched) => decode(fetched, context));
    };
  }

  /** Deletes a body that nobody needs any more, in the background. What fails is logged and left to the store's own rules. */
  forget(pointer: ClaimPointer): void {
    if (this.#deletions >= MOST_DELETIONS || this.#closing.signal.aborted) return;
    this.#deletions++;
    const { store } = this.check;
    const { signal: closing } = this.#closing;
    const remove = () => this.#ask(closing, async (signal) => store.delete(pointer, { signal }));
    void this.track(
      this.#deleting(closing, remove).then(
        () => this.#deleted(undefined),
        (error: unknown) => this.#deleted(error),
      ),
    );
  }

  /** Makes `settled` wait for something. */
  track<T>(promise: Promise<T>): Promise<T> {
    this.#busy.add(promise);
    const done = (): void => void this.#busy.delete(promise);
    promise.then(done, done);
    return promise;
  }

  /** Resolves when what is under way now has ended, or after `ms`. Never rejects. */
  async settled(ms: number): Promise<void> {
    if (this.#busy.size === 0) return;
    await within(this.#clock, ms, 'what the claim check does', () => Promise.allSettled(this.#busy)).catch(() => {});
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new MessagingError('CLOSED', 'the app stopped'));
    await Promise.allSettled(this.#busy);
    await this.check.store.close?.();
  }

  async #get(pointer: ClaimPointer, { envelope, signal }: MessageContext): Promise<Uint8Array> {
    const { store, maxBytes } = this.check;
    const what = `the body of this message is in ${pointer.bucket}, and could not be fetched`;
    const over = (bytes: number): MessagingError =>
      new MessagingError('TOO_LARGE', `it has ${bytes} bytes, and the claim check takes at most ${maxBytes} (maxBytes)`);
    try {
      const said = numberIn(envelope, SIZE_HEADER) ?? numberIn(envelope, OLD_SIZE_HEADER) ?? 0;
      if (said > maxBytes) throw over(said);
      const body = await this.#ask(signal, async (until) => store.get(pointer, { signal: until, maxBytes }));
      if (body.length > maxBytes) throw over(body.length);
      return body;
    } catch (error) {
      throw new Unclaimed(storeError(error, what));
    }
  }

  /** One call of the store: it ends by itself, with the signal, or in time. */
  async #ask<T>(signal: AbortSignal, call: (until: AbortSignal) => Promise<T>): Promise<T> {
    const { store, timeoutMs } = this.check;
    const until = linked(signal);
    const timer = this.#clock.timer(timeoutMs, () =>
      until.abort(new MessagingError('TIMEOUT', `${store.name} did not answer within ${timeoutMs} ms`)),
    );
    try {
      return await orAborted(until.signal, call(until.signal));
    } finally {
      timer.cancel();
      until.release();
    }
  }

  #deleted(error: unknown): void {
    this.#deletions--;
    const failed = error !== undefined && !this.#closing.signal.aborted;
    if (failed && !this.#failing)
      this.#log.warn(
        { store: this.check.store.name, error: textOf(error) },
        'the claim check could not delete a body; it stays until the store removes it',
      );
    this.#failing = failed;
  }
}

/** The claims of an app that has a claim check. */
export const claimsOf = (check: ClaimCheck | undefined, clock: Clock, log: Logger): Claims | undefined =>
  check === undefined ? undefined : new Claims(check, clock, log);

/** What the promise gives, but no longer than until the signal aborts; then its reason. */
function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason as Error);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
