const COMPACT = 1_024; // taken places before they are cut off

/** What a line has to know of a message. */
interface Lined {
  readonly sequence: number;
  readonly gone: boolean;
}

/** Messages in order: all of a standard queue, or one group of a FIFO queue, which gives nothing while one of its own is in flight. */
export class Line<M extends Lined> {
  /** Messages of it that are hidden. */
  held = 0;
  readonly #ordered: boolean;
  #waiting: M[] = [];
  #next = 0;

  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  get ready(): boolean {
    return this.#next < this.#waiting.length && !(this.#ordered && this.held > 0);
  }

  /** The next one. The caller hides what it took once it has taken all that it wants. */
  take(): M | undefined {
    while (this.#next < this.#waiting.length) {
      const message = this.#waiting[this.#next++]!;
      if (!message.gone) return message;
    }
    this.clear();
    return undefined;
  }

  /** At the end; one of a FIFO queue that was in flight comes back to its place. */
  add(message: M): void {
    if (this.#next > COMPACT) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    const last = this.#waiting.at(-1);
    if (!this.#ordered || last === undefined || last.sequence < message.sequence) this.#waiting.push(message);
    else {
      const after = this.#waiting.findIndex(({ sequence }, index) => index >= this.#next && sequence > message.sequence);
      this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, message);
    }
  }

  clear(): void {
    this.#waiting = [];
    this.#next = 0;
  }
}
