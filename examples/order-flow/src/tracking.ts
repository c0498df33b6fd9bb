import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer, type Context, exponential, Handle } from '@omnibus/core';
import { inject } from 'inversify';
import { ParcelMoved, Parcels } from './contracts.js';
import { TrackingBoard } from './tracking-board.js';

/**
 * Reads an ordered channel: many parcels at one time, but the steps of one parcel one after another. A step that fails is
 * tried again in its place, and what follows of its parcel waits behind it.
 */
@Consumer(Parcels, { concurrency: 16, retry: exponential({ attempts: 5, firstMs: 20, maxMs: 100 }) })
export class Tracking {
  constructor(@inject(TrackingBoard) private readonly board: TrackingBoard) {}

  @Handle(ParcelMoved)
  async move({ orderId, step, place }: ParcelMoved, { attempt }: Context) {
    await sleep(Math.random() * 5); // without the order of the channel, later steps would overtake
    if (place === 'handed over' && attempt === 1 && orderId.endsWith('0')) throw new Error('the scanner fell down');
    this.board.note(orderId, step);
  }
}
