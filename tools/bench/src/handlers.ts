import { Consumer, Handle } from '@omnibus/core';
import { Blob, Blobs, CONCURRENCY, type Order, OrderPlaced, Orders, WINDOW } from './contracts.js';
import type { Tally } from './tally.js';

/** Handles blobs: by the engine, and by hand on the other side. */
@Consumer(Blobs, { concurrency: CONCURRENCY, window: WINDOW })
export class BlobHandler {
  constructor(private readonly tally: Tally) {}

  /** Counts one. */
  @Handle(Blob)
  async count(blob: Uint8Array): Promise<void> {
    this.tally.add(blob.byteLength);
  }
}

/** Handles orders: by the engine, and by hand on the other side. */
@Consumer(Orders, { concurrency: CONCURRENCY, window: WINDOW })
export class OrderHandler {
  constructor(private readonly tally: Tally) {}

  /** Counts one. */
  @Handle(OrderPlaced)
  async count(order: Order): Promise<void> {
    this.tally.add(order.placedAt);
  }
}
