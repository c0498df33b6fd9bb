import type { Sender } from '../transport/transport.js';
import type { Batcher } from './batcher.js';
import type { LinkEnd } from './link.js';

/** The sending end of one channel, over all the links that it lives through: its batcher keeps what is unresolved. */
export class SenderEnd implements LinkEnd {
  readonly name: string;
  readonly batcher: Batcher;
  readonly #open: () => Promise<Sender>;
  #sender: Sender | undefined;
  #opening = 0; // the newest call of `open`; what an older one still opens is closed
  /** What goes around the broker's sender besides its emulators; set before it opens. */
  wrap: (sender: Sender) => Sender = (sender) => sender;

  constructor(name: string, batcher: Batcher, open: () => Promise<Sender>) {
    this.name = name;
    this.batcher = batcher;
    this.#open = open;
  }

  async open(): Promise<void> {
    const opening = ++this.#opening;
    const sender = await this.#open();
    if (opening !== this.#opening) return sender.close();
    this.#sender = this.wrap(sender);
    this.batcher.open(this.#sender);
  }

  async lost(): Promise<void> {
    this.#opening++;
    const sender = this.#sender;
    this.#sender = undefined;
    this.batcher.lost();
    await sender?.close();
  }

  get why(): string | undefined {
    return this.#sender === undefined ? 'not sending: its sender is not open' : undefined;
  }
}
