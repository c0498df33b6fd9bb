import { createMover, type Mover } from '../emulate/mover.js';
import type { Limits } from '../transport/capabilities.js';
import type { Clock } from '../transport/clock.js';
import { type MessagingError, textOf } from '../transport/errors.js';
import type { Message } from '../transport/message.js';
import type { Receiver } from '../transport/transport.js';
import type { LinkEnd } from './link.js';
import { isLinkError } from './link-error.js';

export interface MoverEndOptions {
  /** Address of the parking channel. */
  readonly name: string;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly receiver: () => Promise<Receiver>;
  readonly forward: (to: string, message: Message) => Promise<void>;
  /** Its receiver failed: the link decides. */
  readonly failed: (end: MoverEnd, error: MessagingError) => void;
}

/** How long locks of what is parked are extended by, in ms. */
const LOCK_MS = 30_000;

/** Carries what is parked on one step on its way, over all the links that it lives through. */
export class MoverEnd implements LinkEnd {
  readonly name: string;
  readonly #o: MoverEndOptions;
  #mover: Mover | undefined;
  #stuck: string | undefined;
  #opening = 0; // the newest call of `open`; what an older one still opens is closed

  constructor(options: MoverEndOptions) {
    this.name = options.name;
    this.#o = options;
  }

  async open(): Promise<void> {
    const { limits, clock, receiver, forward } = this.#o;
    const opening = ++this.#opening;
    const opened = await receiver();
    if (opening !== this.#opening) return opened.close();
    this.#mover = createMover(opened, {
      forward,
      clock,
      limits,
      lockMs: LOCK_MS,
      onStuck: (error) => {
        if (error !== undefined && isLinkError(error)) this.#o.failed(this, error);
        this.#stuck = error === undefined ? undefined : `delayed messages wait on ${this.name}: ${textOf(error)}`;
      },
    });
    this.#mover.start();
  }

  async lost(): Promise<void> {
    this.#opening++;
    const mover = this.#mover;
    this.#mover = undefined;
    await mover?.stop();
  }

  /** Undefined where delayed messages can go on. */
  get why(): string | undefined {
    return this.#mover === undefined ? 'not moving delayed messages: its receiver is not open' : this.#stuck;
  }
}
