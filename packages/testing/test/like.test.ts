import { type App, message, queue, stream } from '@omnibus/core';
import { rabbitmq } from '@omnibus/rabbitmq';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { started } from './apps.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels, Steps } from './contracts.js';
import { other } from './other-broker.js';

const Note = message('note', z.object({ text: z.string() }));
const Notes = queue('notes', { messages: [Note] });
const notes = (app: Pick<App, 'consumer'>) => void app.consumer(Notes).handle(Note, () => {});

describe('like', () => {
  it('refuses at startup what the other transport cannot do', async () => {
    const start = started({
      like: other,
      consumers: (app) => app.consumer(Orders, { group: 'x' }).handle(OrderPlaced, () => {}),
    });
    await expect(start).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringContaining('carries queue only') as string,
    });
  });

  it('plans as the other transport would', async () => {
    const t = await started({ like: other, consumers: (app) => app.consumer(Parcels).handle(ParcelBooked, () => {}) });
    const retries = t.plan.rulings.find(({ feature }) => feature === 'retryDelay');
    expect(retries).toMatchObject({ ruling: 'emulate', how: expect.stringContaining('parking channel') as string });
    expect(t.plan.caveats).toContain('other: slow on Mondays');
  });

  it('keeps to the other transport’s sizes, and to those of its options', async () => {
    const text = 'x'.repeat(10_000);
    const small = await started({ like: other, consumers: notes });
    await expect(small.send(Notes, Note, { text })).rejects.toMatchObject({ code: 'TOO_LARGE' });

    const config = { transports: { cloud: { use: 'other', url: 'other://host', tier: 'large' } } };
    const large = await started({ like: other, config, consumers: notes });
    await large.send(Notes, Note, { text });
    expect(await large.handled(Note, { text })).toBeDefined();
  });

  it('refuses options that the other transport does not have', async () => {
    const config = { transports: { cloud: { use: 'other', tier: 'huge' } } };
    await expect(started({ like: other, config })).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('retries by the emulator that would be used there', async () => {
    let attempts = 0;
    const t = await started({
      like: other,
      consumers: (app) =>
        app.consumer(Parcels).handle(ParcelBooked, () => {
          attempts += 1;
          if (attempts < 3) throw new Error('not yet');
        }),
    });
    await t.send(Parcels, ParcelBooked, { orderId: 'a' });
    await t.settled({ allowErrors: true });
    await t.clock.advance(60_000);
    expect(await t.handled(ParcelBooked)).toEqual({ orderId: 'a' });
    expect(attempts).toBe(3);
    expect(t.sent(Parcels, ParcelBooked)).toEqual([]);
  });

  it('keeps the order of an ordered channel', async () => {
    const seen: string[] = [];
    const t = await started({
      like: other,
      consumers: (app) => app.consumer(Steps).handle(ParcelBooked, ({ orderId }) => void seen.push(orderId)),
    });
    for (const orderId of ['a', 'b', 'c']) await t.send(Steps, ParcelBooked, { orderId }, { key: 'one' });
    await t.settled();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('takes on RabbitMQ, with neither a broker nor an option', async () => {
    const t = await started({
      like: rabbitmq,
      consumers: (app) =>
        app.consumer(Orders, { group: 'shipping' }).handle(OrderPlaced, ({ total }, { attempt }) => {
          if (attempt <= total) throw new Error('not yet');
        }),
    });
    expect(t.plan.rulings).toContainEqual(
      expect.objectContaining({
        feature: 'retryDelay',
        ruling: 'emulate',
        how: expect.stringContaining('delayed copy') as string,
      }),
    );
    await t.send(Orders, OrderPlaced, { orderId: 'a', total: 3 });
    await t.settled({ allowErrors: true });
    await t.clock.advance(60_000);
    expect(await t.handled(OrderPlaced)).toEqual({ orderId: 'a', total: 3 });
    await t.settled({ allowErrors: true });
    expect(t.stats.consumers['orders/shipping']).toMatchObject({ handled: 1, retried: 3 });
  });

  it('refuses a stream as RabbitMQ does', async () => {
    const Ticks = stream('ticks', { messages: [Note] });
    const start = started({
      like: rabbitmq,
      consumers: (app) => app.consumer(Ticks, { group: 'audit', from: 'first' }).handle(Note, () => {}),
    });
    await expect(start).rejects.toMatchObject({
      code: 'CAPABILITY',
      message: expect.stringContaining('queue, topic only') as string,
    });
  });
});
