/** Counts what handlers are given, and takes the time. */
export class Tally {
  /** Told the number that every message carries. */
  onValue: ((value: number) => void) | undefined = undefined;
  /** Processor time of the whole process over what `time` last took, in ms. */
  cpuMs = 0;
  #seen = 0;
  #from = 0;
  #count = 0;
  #began = 0;
  #cpu = process.cpuUsage();
  #done: (ms: number) => void = () => {};

  add(value: number): void {
    this.onValue?.(value);
    this.#seen++;
    if (this.#seen === this.#from) this.#begin();
    if (this.#seen === this.#count) this.#end();
  }

  /**
   * Resolves when `count` more have come, to the ms between message number `from` and the last, counted as if it were the time of
   * all of them; `from` 0 = from now on.
   */
  async time(count: number, from = 0): Promise<number> {
    this.#seen = 0;
    this.#from = from;
    this.#count = count;
    this.#begin();
    const ms = await new Promise<number>((resolve) => {
      this.#done = resolve;
    });
    return (ms * count) / (count - from);
  }

  #begin(): void {
    this.#began = performance.now();
    this.#cpu = process.cpuUsage();
  }

  #end(): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.cpuMs = (user + system) / 1_000;
    this.#done(performance.now() - this.#began);
  }
}
