import { expect, it, vi } from 'vitest';
import { containerWith, spyProducer } from './fixture.js';

// An application and a library that it uses may each bring their own copy of this package.
async function copy() {
  vi.resetModules();
  const { queue } = await import('../../src/api/channels.js');
  const { message } = await import('../../src/api/messages.js');
  const { Handle } = await import('../../src/api/decorators.js');
  const metadata = await import('../../src/api/metadata.js');
  const { attachProducers } = await import('../../src/api/attach.js');
  const { z } = await import('zod');
  const Booked = message('parcel.booked', z.object({ orderId: z.string() }));
  const Parcels = queue('parcels', { messages: [Booked] });
  return { Booked, Parcels, Handle, metadata, attachProducers, ...(await import('../../src/inversify.js')) };
}
const one = await copy();
const two = await copy();

class Checkout {
  @one.Publish(one.Parcels, one.Booked) async first() {
    return { orderId: 'first' };
  }
  @two.Publish(two.Parcels, two.Booked) async second() {
    return { orderId: 'second' };
  }
  @one.Handle(one.Booked) ours() {}
  @two.Handle(two.Booked) theirs() {}
}

it('are two', () => {
  expect(one.Publish).not.toBe(two.Publish);
  expect(one.metadata).not.toBe(two.metadata);
});

it('publish from one class through one producer', async () => {
  const parcels = spyProducer(one.Parcels);
  const container = containerWith(parcels);
  container.bind(Checkout).toSelf();
  const checkout = container.get(Checkout);
  await checkout.first();
  await checkout.second();
  expect(parcels.send.mock.calls.map(([, payload]) => payload)).toEqual([{ orderId: 'first' }, { orderId: 'second' }]);
});

it('attach objects of each other', async () => {
  const parcels = spyProducer(one.Parcels);
  const checkout = new Checkout();
  two.attachProducers(checkout, () => parcels as never);
  await checkout.first();
  expect(parcels.send).toHaveBeenCalledTimes(1);
});

it("read each other's handlers", () => {
  const { listOf, HANDLERS } = one.metadata;
  expect(listOf(Checkout, HANDLERS).map(({ name }) => name)).toEqual(['ours', 'theirs']);
});
