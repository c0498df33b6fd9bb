import { Consumer, type Context, Handle, type Producer } from '@omnibus/core';
import { InjectProducer } from '@omnibus/core/inversify';
import { describe, expect, it } from 'vitest';
import { fakeContext, fakeProducer } from '../src/index.js';
import { GetQuote, OrderPlaced, OrderShipped, Orders, ParcelBooked, Parcels, Quotes, Steps } from './contracts.js';

@Consumer(Orders, { group: 'shipping' })
class Shipping {
  constructor(
    @InjectProducer(Parcels) private readonly parcels: Producer<typeof Parcels>,
    @InjectProducer(Quotes) private readonly quotes: Producer<typeof Quotes>,
  ) {}

  @Handle(OrderPlaced)
  async ship(order: OrderPlaced, context: Context) {
    const { price } = await this.quotes.request(GetQuote, { sku: order.orderId }, { timeoutMs: 1_000 });
    const headers = { price: String(price), attempt: String(context.attempt) };
    await this.parcels.send(ParcelBooked, { orderId: order.orderId }, { delayMs: 60_000, headers });
  }
}

describe('a fake producer', () => {
  it('serves a class that is made by hand', async () => {
    const parcels = fakeProducer(Parcels);
    const quotes = fakeProducer(Quotes).answers(GetQuote, ({ sku }) => ({ price: sku.length }));
    await new Shipping(parcels, quotes).ship({ orderId: 'abc', total: 1 }, fakeContext(OrderPlaced, { attempt: 2 }));
    expect(parcels.sent).toMatchObject([
      { message: ParcelBooked, payload: { orderId: 'abc' }, delayMs: 60_000, headers: { price: '3', attempt: '2' } },
    ]);
    expect(quotes.sent).toMatchObject([{ message: GetQuote, payload: { sku: 'abc' } }]);
  });

  it('remembers payloads as receivers read them, with key, priority and time to live', async () => {
    const orders = fakeProducer(Orders);
    await orders.send(OrderPlaced, { orderId: 'a' });
    await orders.sendAll(OrderShipped, [{ orderId: 'b', at: new Date(0).toISOString() }]);
    expect(orders.sent).toEqual([
      {
        message: OrderPlaced,
        payload: { orderId: 'a', total: 0 },
        key: 'a',
        headers: {},
        delayMs: 0,
        ttlMs: Number.POSITIVE_INFINITY,
        priority: 0,
      },
      expect.objectContaining({ message: OrderShipped, payload: { orderId: 'b', at: new Date(0) }, key: 'b' }),
    ]);
    const parcels = fakeProducer(Parcels);
    await parcels.send(ParcelBooked, { orderId: 'a' }, { delayMs: 5, ttlMs: 1_000 });
    expect(parcels.sent[0]).toMatchObject({ delayMs: 5, ttlMs: 1_000 });
  });

  it.each([
    ['a payload that does not fit', () => fakeProducer(Parcels).send(ParcelBooked, { orderId: 7 } as never)],
    ['a message of another channel', () => fakeProducer(Parcels).send(OrderPlaced as never, { orderId: 'a' } as never)],
    ['more delay than declared', () => fakeProducer(Parcels).send(ParcelBooked, { orderId: 'a' }, { delayMs: 3_600_001 })],
    ['an option that is not declared', () => fakeProducer(Steps).send(ParcelBooked, { orderId: 'a' }, { ttlMs: 1 } as never)],
  ])('refuses %s, as the real one does', async (_, send) => {
    await expect(send()).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('fails requests that nobody answers, and those whose answer fails', async () => {
    const quotes = fakeProducer(Quotes);
    const ask = () => quotes.request(GetQuote, { sku: 'a' }, { timeoutMs: 100 });
    await expect(ask()).rejects.toMatchObject({ code: 'REMOTE', message: expect.stringContaining('nobody answers') as string });
    quotes.answers(GetQuote, () => {
      throw new RangeError('sold out');
    });
    await expect(ask()).rejects.toMatchObject({ code: 'REMOTE', message: expect.stringContaining('sold out') as string });
  });
});

describe('a fake context', () => {
  it('is that of a first attempt', () => {
    const context = fakeContext(OrderPlaced);
    expect(context).toMatchObject({ message: OrderPlaced, attempt: 1, correlationId: context.id, headers: {}, group: undefined });
    expect(context.signal.aborted).toBe(false);
  });

  it('takes what the test says', () => {
    expect(fakeContext(OrderPlaced, { id: 'x', key: 'k' })).toMatchObject({ id: 'x', correlationId: 'x', key: 'k' });
  });
});
