import { injectFromBase } from 'inversify';
import { beforeEach, describe, expect, it } from 'vitest';
import { listOf, PRODUCERS } from '../../src/api/metadata.js';
import { Publish } from '../../src/inversify.js';
import { MessagingError } from '../../src/transport/errors.js';
import { OrderCancelled, OrderPlaced, Orders, ParcelBooked, Parcels, tc39 } from '../api/contracts.js';
import { containerWith, spyProducer } from './fixture.js';

class Checkout {
  readonly ran: string[] = [];
  @Publish(Orders, OrderPlaced)
  async place(orderId: string) {
    this.ran.push(orderId);
    if (orderId === '') throw new Error('no order');
    return { orderId, total: 1 };
  }
  @Publish(Orders, OrderCancelled) async cancel(orderId: string) {
    return { orderId };
  }
  @Publish(Parcels, ParcelBooked, { delayMs: 1_000, headers: { by: 'checkout' } }) async book(orderId: string) {
    return { orderId };
  }
  @Publish(Parcels, ParcelBooked) @Publish(Orders, OrderCancelled) async giveBack(orderId: string) {
    return { orderId };
  }
}

let orders = spyProducer(Orders);
let parcels = spyProducer(Parcels);
let container = containerWith();
beforeEach(() => {
  orders = spyProducer(Orders);
  parcels = spyProducer(Parcels);
  container = containerWith(orders, parcels);
  container.bind(Checkout).toSelf();
});

describe('a method with @Publish', () => {
  it('sends what it returns, and its caller gets that', async () => {
    const placed = await container.get(Checkout).place('a');
    expect(placed).toEqual({ orderId: 'a', total: 1 });
    expect(orders.send.mock.calls).toEqual([[OrderPlaced, placed, undefined]]);
  });

  it('lets its caller wait until the broker has the message', async () => {
    let confirm = (_sent: { id: string }): void => {};
    orders.send.mockReturnValue(new Promise((resolve) => (confirm = resolve)));
    let returned = false;
    const placing = container
      .get(Checkout)
      .place('a')
      .then(() => {
        returned = true;
      });
    await new Promise((resolve) => setImmediate(resolve)); // all that can happen before the confirm has happened
    expect([orders.send.mock.calls.length, returned]).toEqual([1, false]);
    confirm({ id: 'id' });
    await placing;
    expect(returned).toBe(true);
  });

  it('rejects with what the send rejects with', async () => {
    const error = new MessagingError('TIMEOUT', 'no confirm');
    orders.send.mockRejectedValue(error);
    await expect(container.get(Checkout).place('a')).rejects.toBe(error);
  });

  it('sends nothing where it throws', async () => {
    await expect(container.get(Checkout).place('')).rejects.toThrow('no order');
    expect(orders.send).not.toHaveBeenCalled();
  });

  it('sends with its options', async () => {
    await container.get(Checkout).book('a');
    expect(parcels.send.mock.calls).toEqual([[ParcelBooked, { orderId: 'a' }, { delayMs: 1_000, headers: { by: 'checkout' } }]]);
  });

  it('runs once and sends to both channels where it has two', async () => {
    await container.get(Checkout).giveBack('a');
    expect(orders.send.mock.calls).toEqual([[OrderCancelled, { orderId: 'a' }, undefined]]);
    expect(parcels.send.mock.calls).toEqual([[ParcelBooked, { orderId: 'a' }, undefined]]);
  });

  it('shares the producer of a channel with the other methods of its class', async () => {
    const checkout = container.get(Checkout);
    await checkout.place('a');
    await checkout.cancel('a');
    expect(orders.send.mock.calls.map(([message]) => message)).toEqual([OrderPlaced, OrderCancelled]);
  });

  it('notes its channels for createApp, each once', () => {
    const names = listOf<{ name: string }>(Checkout, PRODUCERS).map(({ name }) => name);
    expect(names.sort()).toEqual(['orders', 'parcels']);
  });
});

describe('a subclass', () => {
  it('publishes where inversify is told to inject what is inherited', async () => {
    @injectFromBase()
    class Express extends Checkout {}
    container.bind(Express).toSelf();
    await container.get(Express).place('a');
    expect(orders.send).toHaveBeenCalledTimes(1);
  });

  it('is told so where it is not', async () => {
    class Express extends Checkout {}
    container.bind(Express).toSelf();
    await expect(container.get(Express).place('a')).rejects.toThrow(/^Checkout\.place .* Express inherits .*@injectFromBase\(\)/);
  });

  it('publishes to a channel of its parent by itself', async () => {
    class Express extends Checkout {
      @Publish(Orders, OrderPlaced) override async place(orderId: string) {
        return { orderId, total: 2 };
      }
    }
    container.bind(Express).toSelf();
    await container.get(Express).place('a');
    expect(orders.send.mock.calls).toEqual([[OrderPlaced, { orderId: 'a', total: 2 }, undefined]]);
  });
});

describe('an object that the container did not make', () => {
  it('is told by class, method and channel, and what to do, before the method runs', async () => {
    const checkout = new Checkout();
    const placing = checkout.place('a');
    await expect(placing).rejects.toMatchObject({ name: 'MessagingError', code: 'DISCOVERY' });
    await expect(placing).rejects.toThrow(/^Checkout\.place publishes to channel "orders".* container .* app\.attach\(object\)/);
    expect(checkout.ran).toEqual([]);
  });

  it('is told that a method without its object is bound to none', async () => {
    const { place } = container.get(Checkout);
    await expect(place('a')).rejects.toThrow(
      /^Checkout\.place .* without its object: call it as object\.place\(\.\.\.\), or bind it/,
    );
  });
});

describe('@Publish refuses', () => {
  const decorate = Publish(Orders, OrderCancelled) as (target: object, name: unknown, descriptor?: unknown) => void;

  it('a static method', () => {
    class A {}
    expect(() => decorate(A, 'cancel', { value: async () => {} })).toThrow('@Publish: A.cancel is static');
    expect(listOf(A, PRODUCERS)).toEqual([]);
  });

  it('an accessor', () => {
    class A {}
    expect(() => decorate(A.prototype, 'cancel', { get: () => undefined })).toThrow('@Publish: A.cancel is not a method');
  });

  it('a call in the TC39 way, naming the compiler option', () => {
    expect(() => decorate(async () => undefined, tc39('method', 'cancel'))).toThrow(/^@Publish: .*experimentalDecorators/);
  });
});
