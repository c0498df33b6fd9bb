interface Waiting {
  readonly dueMs: number;
  readonly go: () => void;
}

/** Timers tell whole milliseconds and come up to 2 ms late; the last stretch is waited for turn by turn of the event loop. */
const LAST_STRETCH_MS = 2;

/**
 * Lets things pass in their order, each a fixed time after it came: within 0.1 ms while the event loop is free, and otherwise as soon
 * as it is. One timer serves all that wait. For that it is awake for the last 2 ms of each wait: give it a process of its own where what is
 * measured must not be in its way.
 */
export class DelayLine {
  readonly #delayMs: number;
  readonly #waiting: Waiting[] = [];
  #asleep = false;

  /** 0 = at once. */
  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** Goes when it is time. */
  pass(go: () => void): void {
    if (this.#delayMs === 0) return go();
    this.#waiting.push({ dueMs: performance.now() + this.#delayMs, go });
    if (!this.#asleep) this.#sleep(this.#delayMs);
  }

  /** Whatever waits never passes. */
  end(): void {
    this.#waiting.length = 0;
  }

  #sleep(ms: number): void {
    this.#asleep = true;
    const wake = (): void => this.#passDue();
    if (ms > LAST_STRETCH_MS) setTimeout(wake, Math.floor(ms - LAST_STRETCH_MS));
    else setImmediate(wake);
  }

  #passDue(): void {
    this.#asleep = false;
    const now = performance.now();
    while (this.#waiting[0] !== undefined && this.#waiting[0].dueMs <= now) this.#waiting.shift()?.go();
    const [next] = this.#waiting;
    if (next !== undefined && !this.#asleep) this.#sleep(next.dueMs - performance.now());
  }
}
