import type { Clock, Timer } from '@omnibus/core/transport';

/** One timer for many deadlines: it is set for the earliest, and whoever wakes looks what is due. */
export class Alarm {
  private timer: Timer | undefined;
  private due = Number.POSITIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Rings at `due` on `Clock.monotonic()`, or earlier where it is set earlier already. */
  by(due: number): void {
    if (due >= this.due) return;
    this.cancel();
    this.due = due;
    this.timer = this.clock.timer(due - this.clock.monotonic(), () => {
      this.cancel();
      this.ring();
    });
  }

  cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.due = Number.POSITIVE_INFINITY;
  }
}
