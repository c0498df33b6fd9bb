import { describe, expect, test } from 'vitest';
import { settleEach } from '../../src/emulate/settle-each.js';
import { NONE } from '../../src/transport/transport.js';
import { ACK, RELEASE } from '../../src/transport/verdict.js';
import { virtualClock } from '../../src/transport/virtual-clock.js';
import { deliveries, fakeReceiver, never } from './fakes.js';

describe('settleEach over a receiver that settles two in one call', () => {
  test('commits in parts', async () => {
    const some = deliveries('a', 'b', 'c', 'd', 'e');
    const inner = fakeReceiver(...some);
    const receiver = settleEach(inner, { window: 100, batch: 2, clock: virtualClock() });
    await receiver.receive(100, never);
    expect(await receiver.settle(some.slice(1), ACK)).toBe(NONE);
    expect(await receiver.settle(some.slice(0, 1), ACK)).toBe(NONE);
    expect(inner.log).toEqual(['ack a,b', 'ack c,d', 'ack e']);
  });

  test('gives back in parts', async () => {
    const some = deliveries('a', 'b', 'c');
    const inner = fakeReceiver(...some);
    const receiver = settleEach(inner, { window: 100, batch: 2, clock: virtualClock() });
    await receiver.receive(100, never);
    expect(await receiver.settle(some, RELEASE)).toBe(NONE);
    expect(inner.log).toEqual(['release a,b', 'release c']);
  });
});
