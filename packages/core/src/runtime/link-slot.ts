import type { MessagingError } from '../transport/errors.js';
import { backoffMs } from './backoff.js';

/** One sender or receiver that lives on over many links. */
export interface LinkEnd {
  /** For logs and errors. */
  readonly name: string;
  /** Opens it on the present link. It may be told `lost` before this has ended: what it still opens then is to be closed. */
  open(): Promise<void>;
  /** What was opened last is dead: close it. Idempotent. */
  lost(error: MessagingError): Promise<void> | void;
}

/** What a link knows of one of its ends. */
export class Slot {
  state: 'closed' | 'opening' | 'open' = 'closed';
  /** `open` was called and `lost` was not. */
  dirty = false;
  /** Ms on `Clock.monotonic()` of the next try to open it. */
  due = 0;
  /** Resolves when nothing runs on it. */
  idle: Promise<unknown> = Promise.resolve();
  #tries = 0;
  #openedAt = Number.POSITIVE_INFINITY;

  constructor(readonly end: LinkEnd) {}

  opening(): void {
    this.state = 'opening';
    this.dirty = true;
    this.#openedAt = Number.POSITIVE_INFINITY;
  }

  /** It may have failed meanwhile: then it stays closed. */
  opened(now: number): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.#openedAt = now;
  }

  /** Its own failure: it backs off, the longer the more often it did not hold for `heldMs`. */
  failed(now: number, heldMs: number): void {
    if (this.state === 'closed') return;
    if (now - this.#openedAt >= heldMs) this.#tries = 0;
    this.state = 'closed';
    this.due = now + backoffMs(this.#tries++);
  }

  /** Its link is gone: it opens with the next one. */
  fell(): void {
    this.state = 'closed';
    this.due = 0;
  }

  busy<T>(step: Promise<T>): Promise<T> {
    this.idle = step.then(
      () => {},
      () => {},
    );
    return step;
  }
}
