import { exponential } from '@omnibus/core';
import { describe, expect, it } from 'vitest';
import { started } from './apps.js';
import { ParcelBooked, Parcels } from './contracts.js';

describe('the clock', () => {
  it('brings everything that falls due at its own moment', async () => {
    const seen: [string, number][] = [];
    let begin = 0;
    const t = await started({
      consumers: (app) =>
        app
          .consumer(Parcels, { retry: exponential({ attempts: 4, firstMs: 1_000, jitter: 'none' }) })
          .handle(ParcelBooked, async ({ orderId }) => {
            seen.push([orderId, t.clock.now() - begin]);
            for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
            if (orderId === 'failing') throw new Error('not yet');
          }),
    });
    begin = t.clock.now();
    await t.send(Parcels, ParcelBooked, { orderId: 'delayed' }, { delayMs: 2_500 });
    await t.send(Parcels, ParcelBooked, { orderId: 'failing' });
    await t.clock.advance(60_000);
    expect(seen).toEqual([
      ['failing', 0],
      ['failing', 1_000],
      ['delayed', 2_500],
      ['failing', 3_000],
      ['failing', 7_000],
    ]);
    expect(t.clock.now()).toBe(begin + 60_000);
  });

  it('ends a handler whose time is over', async () => {
    const t = await started({
      consumers: (app) =>
        app
          .consumer(Parcels, { handlerTimeoutMs: 5_000, retry: exponential({ attempts: 1 }) })
          .handle(
            ParcelBooked,
            (_, { signal }) =>
              new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
          ),
    });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.clock.advance(4_999);
    expect(t.dead(Parcels)).toEqual([]);
    await t.clock.advance(1);
    await expect(t.settled()).rejects.toThrow('did not end within 5000 ms');
    expect(t.dead(Parcels)).toHaveLength(1);
  });

  it('lets messages expire', async () => {
    const t = await started({ consumers: (app) => app.consumer(Parcels).handle(ParcelBooked, () => {}) });
    await t.pause(Parcels);
    await t.send(Parcels, ParcelBooked, { orderId: 'a' }, { ttlMs: 1_000 });
    await t.clock.advance(1_001);
    await t.resume(Parcels);
    await t.settled();
    expect(t.stats.consumers['parcels']?.handled).toBe(0);
  });
});
