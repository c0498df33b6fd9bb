const WEIGHT = 0.02; // of the newest in the mean

/**
 * Runs tasks a fixed time after they were given, in their order. Timers count in whole ms and are late by part of one: what they
 * were late by in the mean is taken off, so that the mean is right, however many tasks there are.
 */
export class DelayLine {
  readonly #ms: number;
  readonly #waiting: { readonly given: number; readonly task: () => void }[] = [];
  #lateMs = 0;
  #armed = false;

  /** 0 = at once. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  add(task: () => void): void {
    if (this.#ms === 0) task();
    else {
      this.#waiting.push({ given: performance.now(), task });
      this.#arm();
    }
  }

  #left(given: number): number {
    return given + this.#ms - this.#lateMs - performance.now();
  }

  #arm(): void {
    const first = this.#waiting[0];
    if (this.#armed || first === undefined) return;
    this.#armed = true;
    setTimeout(this.#run, Math.max(0, this.#left(first.given)));
  }

  readonly #run = (): void => {
    this.#armed = false;
    while (this.#waiting.length > 0 && this.#left(this.#waiting[0]!.given) <= 0.5) {
      const { given, task } = this.#waiting.shift()!;
      const late = performance.now() - given - this.#ms;
      this.#lateMs = Math.min(this.#ms / 2, Math.max(0, this.#lateMs + WEIGHT * late));
      task();
    }
    this.#arm();
  };
}
