import { expect } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import type { Delivery } from '../../src/transport/message.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { fakeReceiver, never } from './fakes.js';

/** A receiver that commits up to the oldest message that is not done, over one that has these deliveries. */
export function setUp(some: readonly Delivery[], window = 100) {
  const clock = virtualClock();
  const inner = fakeReceiver(...some);
  return { clock, inner, receiver: settleEach(inner, { window, clock }) };
}

/** The same, with all of them received. */
export async function received(some: readonly Delivery[], window?: number) {
  const ends = setUp(some, window);
  const batch = await ends.receiver.receive(100, never);
  expect(batch).toEqual(some);
  return ends;
}
