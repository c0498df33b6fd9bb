import { expect, expectTypeOf, it } from 'vitest';
import { type FakeProducer, type FakeSend, fakeContext, fakeProducer, type TestApp } from '../src/index.js';
import { GetQuote, OrderPlaced, OrderShipped, Orders, ParcelBooked, Parcels, Quotes } from './contracts.js';

// What must not compile stands below @ts-expect-error; nothing of it runs.
const compiled = async (t: TestApp, parcels: FakeProducer<typeof Parcels>): Promise<void> => {
  await t.send(Orders, OrderPlaced, { orderId: 'a' });
  await t.send(Parcels, ParcelBooked, { orderId: 'a' }, { delayMs: 1 });
  // @ts-expect-error another payload
  await t.send(Orders, OrderPlaced, { orderId: 1 });
  // @ts-expect-error not on this channel
  await t.send(Orders, ParcelBooked, { orderId: 'a' });
  // @ts-expect-error the channel declares no maxDelayMs
  await t.send(Orders, OrderPlaced, { orderId: 'a' }, { delayMs: 1 });

  expectTypeOf(t.sent(Orders, OrderShipped)).toEqualTypeOf<readonly OrderShipped[]>();
  // @ts-expect-error not on this channel
  t.sent(Parcels, OrderShipped);

  expectTypeOf(await t.handled(OrderPlaced, { total: 1 })).toEqualTypeOf<OrderPlaced>();
  // @ts-expect-error a field of another type
  await t.handled(OrderPlaced, { total: '1' });
  // @ts-expect-error a field that it has not
  await t.handled(OrderPlaced, { weight: 1 });

  expectTypeOf(await t.request(Quotes, GetQuote, { sku: 'a' })).toEqualTypeOf<{ price: number }>();
  // @ts-expect-error no reply is declared
  await t.request(Parcels, ParcelBooked, { orderId: 'a' });
  expectTypeOf(t).not.toHaveProperty('start');

  await parcels.send(ParcelBooked, { orderId: 'a' });
  // @ts-expect-error another payload
  await parcels.send(ParcelBooked, { order: 'a' });
  // @ts-expect-error no reply is declared
  parcels.answers(ParcelBooked, () => ({}));
  fakeProducer(Quotes).answers(GetQuote, async ({ sku }) => ({ price: sku.length }));
  // @ts-expect-error another reply
  fakeProducer(Quotes).answers(GetQuote, () => ({ price: 'free' }));
  for (const sent of fakeProducer(Orders).sent) if (sent.message.name === 'order.placed') expectTypeOf(sent).toExtend<FakeSend>();

  expectTypeOf(fakeContext(OrderPlaced).message).toEqualTypeOf<typeof OrderPlaced>();
  // @ts-expect-error the number of an attempt
  fakeContext(OrderPlaced, { attempt: 'first' });
};

it('the types of the test kit are checked by the compiler', () => expect(compiled).toBeTypeOf('function'));
