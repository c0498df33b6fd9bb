import { Container, inject, injectFromBase } from 'inversify';
import { describe, expect, it } from 'vitest';
import { listOf, PRODUCERS, SLOTS } from '../../src/api/metadata.js';
import type { Producer } from '../../src/api/producer.js';
import { InjectProducer } from '../../src/inversify.js';
import { Orders, Parcels, tc39 } from '../api/contracts.js';
import { containerWith, spyProducer } from './fixture.js';

class Warehouse {}
class Shipping {
  constructor(
    @inject(Warehouse) readonly warehouse: Warehouse,
    @InjectProducer(Parcels) readonly parcels: Producer<typeof Parcels>,
  ) {}
}
class Checkout {
  @InjectProducer(Orders) readonly orders!: Producer<typeof Orders>;
  @InjectProducer(Parcels) private readonly parcels!: Producer<typeof Parcels>;
  both() {
    return [this.orders, this.parcels];
  }
}
const orders = spyProducer(Orders);
const parcels = spyProducer(Parcels);
const container = containerWith(orders, parcels);
for (const cls of [Warehouse, Shipping, Checkout]) container.bind(cls).toSelf();

it('injects into a constructor parameter, beside others', () => {
  const shipping = container.get(Shipping);
  expect(shipping.parcels).toBe(parcels);
  expect(shipping.warehouse).toBeInstanceOf(Warehouse);
});

it('injects into properties, private ones too', () => {
  const [first, second] = container.get(Checkout).both();
  expect(first).toBe(orders);
  expect(second).toBe(parcels);
});

it('notes on the class which producers it asks for, and which properties hold them', () => {
  expect(listOf(Shipping, PRODUCERS)).toEqual([Parcels]);
  expect(listOf(Shipping, SLOTS)).toEqual([]);
  expect(listOf(Checkout, PRODUCERS)).toEqual([Orders, Parcels]);
  expect(listOf(Checkout, SLOTS)).toEqual([
    { channel: Orders, name: 'orders' },
    { channel: Parcels, name: 'parcels' },
  ]);
});

it('injects what a subclass inherits where inversify is told to', () => {
  @injectFromBase()
  class Express extends Checkout {}
  container.bind(Express).toSelf();
  expect(container.get(Express).orders).toBe(orders);
  expect(listOf(Express, PRODUCERS)).toEqual([Orders, Parcels]);
});

it('leaves a container without the producer to say which channel is missing, and the fix', () => {
  const empty = new Container();
  empty.bind(Checkout).toSelf();
  expect(() => empty.get(Checkout)).toThrow(/Producer of channel "orders" \(list the class that asks for it, .* in createApp\)/);
});

describe('refuses', () => {
  const notes = (cls: object) => [...listOf(cls, PRODUCERS), ...listOf(cls, SLOTS)];
  const decorate = InjectProducer(Orders) as (target: object, name?: string, third?: unknown) => void;

  it('a static property', () => {
    class A {}
    expect(() => decorate(A, 'orders')).toThrow('@InjectProducer: A.orders is static');
    expect(notes(A)).toEqual([]);
  });

  it('a method', () => {
    class A {
      place() {}
    }
    expect(() => decorate(A.prototype, 'place', { value: A.prototype.place })).toThrow('non setter property method');
    expect(notes(A)).toEqual([]);
  });

  it("a method's parameter", () => {
    class A {
      place(_: unknown) {}
    }
    expect(() => decorate(A.prototype, 'place', 0)).toThrow('non constructor parameter');
    expect(notes(A)).toEqual([]);
  });

  it('a call in the TC39 way, naming the compiler option', () => {
    const field = InjectProducer(Orders) as unknown as (value: undefined, context: unknown) => void;
    expect(() => field(undefined, tc39('field', 'orders'))).toThrow(/^@InjectProducer: .*experimentalDecorators/);
  });
});
