/** Counts what handlers are given, and says when all of it has come. */
export class Tally {
  /** Called with what the handler was given to count: a time, a size. */
  onValue: ((value: number) => void) | undefined = undefined;
  #left = 0;
  #done: () => void = () => {};

  add(value: number): void {
    this.onValue?.(value);
    if (--this.#left === 0) this.#done();
  }

  /** Resolves when `count` more have come. */
  expect(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }
}
