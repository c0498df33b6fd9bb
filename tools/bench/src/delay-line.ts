/**
 * Runs tasks a fixed time after they were given, in their order. Timers count in whole ms: what is due within half a ms of one
 * runs with it, so that the mean is right however many tasks there are.
 */
export class DelayLine {
  readonly #ms: number;
  #waiting: { readonly due: number; readonly task: () => void }[] = [];
  #armed = false;

  /** 0 = at once. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  add(task: () => void): void {
    if (this.#ms === 0) task();
    else {
      this.#waiting.push({ due: performance.now() + this.#ms, task });
      this.#arm();
    }
  }

  #arm(): void {
    const first = this.#waiting[0];
    if (this.#armed || first === undefined) return;
    this.#armed = true;
    setTimeout(this.#run, first.due - performance.now());
  }

  readonly #run = (): void => {
    this.#armed = false;
    const until = performance.now() + 0.5;
    const later = this.#waiting.findIndex(({ due }) => due > until);
    const now = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later);
    this.#arm();
    for (const { task } of now) task();
  };
}
