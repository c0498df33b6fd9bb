import { exponential, message, NonRetryable, queue, reject, retry, to } from '@omnibus/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { started } from './apps.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels, Steps } from './contracts.js';

const order = { orderId: 'a', total: 1 };

describe('settled', () => {
  it('waits for all that a message leads to, however long the chain', async () => {
    let left = 200;
    const booked: string[] = [];
    const t = await started({
      consumers: (app) => {
        const parcels = app.producer(Parcels);
        app
          .consumer(Orders, { group: 'shipping' })
          .handle(OrderPlaced, { publish: to(Parcels, ParcelBooked) }, (placed) => placed);
        app.consumer(Parcels).handle(ParcelBooked, async (parcel) => {
          booked.push(parcel.orderId);
          left -= 1;
          if (left > 0) await parcels.send(ParcelBooked, parcel);
        });
      },
    });
    await t.send(Orders, OrderPlaced, order);
    await t.settled();
    expect(booked).toHaveLength(200);
  });

  it('waits for handlers that wait for something real', async () => {
    let done = false;
    const t = await started({
      consumers: (app) =>
        app.consumer(Parcels).handle(ParcelBooked, async () => {
          await new Promise((resolve) => setTimeout(resolve, 30));
          done = true;
        }),
    });
    await t.send(Parcels, ParcelBooked, order);
    await t.settled();
    expect(done).toBe(true);
  });

  it('waits for sends of the test that nobody awaits', async () => {
    const slow = z.object({}).refine(() => new Promise<boolean>((resolve) => setTimeout(resolve, 30, true)));
    const Slow = message('slow', slow);
    const Slows = queue('slows', { messages: [Slow] });
    const t = await started({ consumers: (app) => app.consumer(Slows).handle(Slow, () => {}) });
    const send = t.send(Slows, Slow, {});
    await t.settled();
    expect(t.stats.consumers['slows']?.handled).toBe(1);
    await send;
  });

  it('waits for what is due now, and until dead letters have arrived', async () => {
    const t = await started({
      consumers: (app) =>
        app
          .consumer(Steps, { retry: exponential({ attempts: 3 }) })
          .handle(ParcelBooked, (_, { attempt }) => (attempt < 3 ? retry(0) : reject('no'))),
    });
    await t.send(Steps, ParcelBooked, order);
    await t.settled();
    expect(t.dead(Steps)).toMatchObject([{ attempts: 3 }]);
    expect(t.broker.inspect('steps.dead')?.ready).toBe(1);
    expect(t.broker.inspect('steps')?.unsettled).toBe(0);
  });

  it('does not wait for what waits for a later time, or for what nobody consumes', async () => {
    const t = await started({
      consumers: (app) => app.consumer(Parcels).handle(ParcelBooked, () => {}),
    });
    await t.send(Parcels, ParcelBooked, order, { delayMs: 60_000 });
    await t.send(Steps, ParcelBooked, order);
    await t.settled();
    expect(t.stats.consumers['parcels']?.handled).toBe(0);
  });

  it('rejects with the first error, once', async () => {
    const t = await started({
      consumers: (app) =>
        app.consumer(Parcels).handle(ParcelBooked, ({ orderId }) => {
          throw new NonRetryable(`no van for ${orderId}`);
        }),
    });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.send(Parcels, ParcelBooked, { orderId: 'b' });
    await expect(t.settled()).rejects.toThrow('no van for a');
    await t.settled();
  });

  it('resolves in spite of errors where they are allowed', async () => {
    const t = await started({
      consumers: (app) =>
        app.consumer(Parcels, { retry: exponential({ attempts: 1 }) }).handle(ParcelBooked, async () => {
          throw new Error('no van');
        }),
    });
    await t.send(Parcels, ParcelBooked, order);
    await t.settled({ allowErrors: true });
    expect(t.dead(Parcels)).toHaveLength(1);
  });

  it('takes an outcome for no error', async () => {
    const t = await started({ consumers: (app) => app.consumer(Parcels).handle(ParcelBooked, () => reject('no van')) });
    await t.send(Parcels, ParcelBooked, order);
    await t.settled();
    expect(t.dead(Parcels)).toMatchObject([{ reason: 'no van' }]);
  });

  it('names the consumer that never ends', async () => {
    const t = await started({
      timeoutMs: 50,
      consumers: (app) => app.consumer(Parcels).handle(ParcelBooked, () => new Promise(() => {})),
    });
    await t.send(Parcels, ParcelBooked, order);
    await expect(t.settled()).rejects.toThrow(/did not settle within 50 ms: parcels still runs.*t\.clock\.advance/);
  });

  it('gives up on messages that go round in circles', async () => {
    let round = true;
    const t = await started({
      timeoutMs: 50,
      consumers: (app) => {
        const parcels = app.producer(Parcels);
        app.consumer(Parcels).handle(ParcelBooked, async (parcel) => {
          if (round) await parcels.send(ParcelBooked, parcel);
        });
      },
    });
    await t.send(Parcels, ParcelBooked, order);
    await expect(t.settled()).rejects.toThrow('did not come to rest within 50 ms');
    round = false;
  });
});
