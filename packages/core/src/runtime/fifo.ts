/** First in, first out, without moving what waits. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }
  push(item: T): void {
    this.#items.push(item);
  }
  peek(): T | undefined {
    return this.#items[this.#head];
  }
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }
  /** Takes everything. */
  drain(): T[] {
    const all = this.#items.slice(this.#head) as T[];
    this.#items.length = 0;
    this.#head = 0;
    return all;
  }
  /** Keeps what passes the test, in order. */
  keep(test: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter((item) => test(item as T));
    this.#head = 0;
  }
}
