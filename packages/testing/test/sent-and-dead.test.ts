import { exponential, message, queue } from '@omnibus/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { started } from './apps.js';
import { GetQuote, OrderPlaced, OrderShipped, Orders, ParcelBooked, Parcels, Quotes, Steps } from './contracts.js';

describe('sent', () => {
  it('lists what the app sent, and nothing of the test itself', async () => {
    const t = await started({ producers: [Orders] });
    await t.send(Orders, OrderPlaced, { orderId: 'of the test' });
    await t.producer(Orders).send(OrderPlaced, { orderId: 'of the app' });
    expect(t.sent(Orders, OrderPlaced)).toEqual([{ orderId: 'of the app', total: 0 }]);
  });

  it('lists one type of one channel', async () => {
    const t = await started({ producers: [Orders, Parcels, Steps] });
    await t.producer(Parcels).send(ParcelBooked, { orderId: 'parcel' });
    await t.producer(Steps).send(ParcelBooked, { orderId: 'step' });
    await t.producer(Orders).send(OrderPlaced, { orderId: 'placed' });
    await t.producer(Orders).send(OrderShipped, { orderId: 'shipped', at: new Date(0) });
    expect(t.sent(Parcels, ParcelBooked)).toMatchObject([{ orderId: 'parcel' }]);
    expect(t.sent(Orders, OrderPlaced)).toMatchObject([{ orderId: 'placed' }]);
  });

  it('lists nothing that no broker has', async () => {
    const t = await started({ producers: [Orders] });
    t.broker.failSends(1, 'failed');
    const sent = t.producer(Orders).send(OrderPlaced, { orderId: 'a' });
    await t.settled();
    expect(t.sent(Orders, OrderPlaced)).toEqual([]);
    await t.clock.advance(30_000);
    await sent;
    expect(t.sent(Orders, OrderPlaced)).toHaveLength(1);
  });

  it('says that it cannot list payloads of an asynchronous schema', async () => {
    const Slow = message(
      'slow',
      z.object({ id: z.string() }).refine(async () => true),
    );
    const Slows = queue('slows', { messages: [Slow] });
    const t = await started({ producers: [Slows] });
    await t.producer(Slows).send(Slow, { id: 'a' });
    expect(() => t.sent(Slows, Slow)).toThrow('await handled() instead');
  });
});

describe('dead', () => {
  it('lists what was given up, by group, with reason and attempts', async () => {
    const t = await started({
      consumers: (app) => {
        const fail = (): never => {
          throw new Error('no');
        };
        const retry = exponential({ attempts: 2, firstMs: 10, jitter: 'none' });
        app.consumer(Orders, { group: 'shipping', retry }).handle(OrderPlaced, fail);
        app.consumer(Orders, { group: 'audit', retry: exponential({ attempts: 1 }) }).handle(OrderPlaced, fail);
      },
    });
    await t.send(Orders, OrderPlaced, { orderId: 'a' });
    await t.settled({ allowErrors: true });
    expect(t.dead(Orders, 'shipping')).toEqual([]);
    await t.clock.advance(10);
    expect(t.dead(Orders, 'shipping')).toMatchObject([{ type: 'order.placed', reason: 'attempts', attempts: 2 }]);
    expect(t.dead(Orders)).toMatchObject([{ attempts: 1 }, { attempts: 2 }]);
    expect(t.dead(Parcels)).toEqual([]);
    expect(t.broker.inspect('orders.shipping.dead')?.ready).toBe(1);
  });
});

it('dead letters can be moved back', async () => {
  let works = false;
  const t = await started({
    consumers: (app) =>
      app.consumer(Parcels, { retry: exponential({ attempts: 1 }) }).handle(ParcelBooked, () => {
        if (!works) throw new Error('no van');
      }),
  });
  await t.send(Parcels, ParcelBooked, { orderId: 'a' });
  await t.settled({ allowErrors: true });
  works = true;
  expect(await t.redrive(Parcels)).toBe(1);
  expect(await t.handled(ParcelBooked)).toEqual({ orderId: 'a' });
});

describe('request', () => {
  it('is answered by the app', async () => {
    const t = await started({
      consumers: (app) => app.consumer(Quotes).handle(GetQuote, ({ sku }) => ({ price: sku.length })),
    });
    expect(await t.request(Quotes, GetQuote, { sku: 'abc' })).toEqual({ price: 3 });
  });

  it('fails as the handler did, once its attempts are used up', async () => {
    const t = await started({
      consumers: (app) =>
        app.consumer(Quotes).handle(GetQuote, () => {
          throw new Error('no price');
        }),
    });
    const quote = t.request(Quotes, GetQuote, { sku: 'abc' });
    const failed = expect(quote).rejects.toMatchObject({
      code: 'REMOTE',
      message: expect.stringContaining('no price') as string,
    });
    await t.clock.advance(60_000);
    await failed;
  });

  it('gives up when virtual time says so', async () => {
    const t = await started();
    const quote = t.request(Quotes, GetQuote, { sku: 'abc' }, { timeoutMs: 1_000 });
    const failed = expect(quote).rejects.toMatchObject({ code: 'TIMEOUT' });
    await t.clock.advance(1_000);
    await failed;
  });
});

it('a payload that does not fit is refused as everywhere', async () => {
  const t = await started();
  await expect(t.send(Parcels, ParcelBooked, { orderId: 1 } as never)).rejects.toMatchObject({ code: 'INVALID' });
});
