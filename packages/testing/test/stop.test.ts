import { describe, expect, it } from 'vitest';
import { type TestApp, testApp } from '../src/index.js';
import { ParcelBooked, Parcels } from './contracts.js';

describe('stop', () => {
  it('does not wait for a clock that stands still', async () => {
    let reason: unknown;
    const t = await testApp({
      consumers: (app) =>
        app.consumer(Parcels).handle(
          ParcelBooked,
          (_, { signal }) =>
            new Promise(() =>
              signal.addEventListener('abort', () => {
                reason = signal.reason as unknown;
              }),
            ),
        ),
    });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.stop();
    expect(reason).toMatchObject({ code: 'CLOSED' });
  });

  it('lets a handler end that needs a moment', async () => {
    let done = false;
    const t = await testApp({
      consumers: (app) =>
        app.consumer(Parcels).handle(ParcelBooked, async () => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          done = true;
        }),
    });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.stop();
    expect(done).toBe(true);
  });

  it('comes by itself where the app is used up', async () => {
    let kept: TestApp;
    {
      await using t = await testApp({ producers: [Parcels] });
      kept = t;
      await t.producer(Parcels).send(ParcelBooked, { orderId: 'a' });
    }
    await expect(kept.producer(Parcels).send(ParcelBooked, { orderId: 'b' })).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(kept.send(Parcels, ParcelBooked, { orderId: 'b' })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
