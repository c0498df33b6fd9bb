/** Remembers the steps of every parcel in the order in which they were handled; a step that comes again is no news. */
export class TrackingBoard {
  readonly steps = new Map<string, readonly number[]>();

  note(orderId: string, step: number): void {
    const known = this.steps.get(orderId) ?? [];
    if (!known.includes(step)) this.steps.set(orderId, [...known, step]);
  }
}
