import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, Handle } from '@omnibus/core';
import { Blob, Blobs, CONCURRENCY, type Order, OrderedOrders, OrderPlaced, Orders, WINDOW } from './contracts.js';
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

/** What both sides call. */
export interface HandlesOrders {
  count(order: Order): Promise<void>;
}

/** Handles orders: by the engine, and by hand on the other side. */
@Consumer(Orders, { concurrency: CONCURRENCY, window: WINDOW })
export class OrderHandler implements HandlesOrders {
  constructor(private readonly tally: Tally) {}

  /** Counts one. */
  @Handle(OrderPlaced)
  async count(order: Order): Promise<void> {
    this.tally.add(order.placedAt);
  }
}

/** The same on a channel in order. */
@Consumer(OrderedOrders, { concurrency: CONCURRENCY, window: WINDOW })
export class OrderedOrderHandler implements HandlesOrders {
  constructor(private readonly tally: Tally) {}

  /** Counts one. */
  @Handle(OrderPlaced)
  async count(order: Order): Promise<void> {
    this.tally.add(order.placedAt);
  }
}

/** What part of the messages is slow, and how slow. */
export const SLOW = { share: 0.1, ms: 300 };

/** Some orders take their time, as where another service is asked. Which ones is random, with the same seed in every run. */
@Consumer(Orders, { concurrency: CONCURRENCY, window: WINDOW })
export class SlowOrderHandler implements HandlesOrders {
  #seed = 1;

  constructor(private readonly tally: Tally) {}

  /** Counts one, sooner or later. */
  @Handle(OrderPlaced)
  async count(order: Order): Promise<void> {
    this.#seed = Math.imul(this.#seed, 1_664_525) + 1_013_904_223;
    if ((this.#seed >>> 8) / 2 ** 24 < SLOW.share) await sleep(SLOW.ms);
    this.tally.add(order.placedAt);
  }
}

/** How many keys, and how long each handler takes. */
export const KEYED = { keys: 64, ms: 10 };

/** Every order takes its time, those of one key one after the other. The window is the default. */
@Consumer(OrderedOrders, { concurrency: KEYED.keys })
export class KeyedOrderHandler implements HandlesOrders {
  constructor(private readonly tally: Tally) {}

  /** Counts one, later. */
  @Handle(OrderPlaced)
  async count(order: Order): Promise<void> {
    await sleep(KEYED.ms);
    this.tally.add(order.placedAt);
  }
}
