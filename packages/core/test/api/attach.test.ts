import { expect, it } from 'vitest';
import { attachProducers, heldProducer } from '../../src/api/attach.js';
import type { Channel } from '../../src/api/channels.js';
import { append, SLOTS, type SlotEntry } from '../../src/api/metadata.js';
import { Orders, Parcels } from './contracts.js';

class Checkout {
  readonly orders: unknown;
}
const slot: SlotEntry = { channel: Orders, name: 'orders' };
append(Checkout, SLOTS, slot);
const producerOf = (channel: Channel) => ({ channel }) as never;

it('an attached object holds the producers that its class asks for', () => {
  const checkout = new Checkout();
  attachProducers(checkout, producerOf);
  expect(checkout.orders).toEqual({ channel: Orders });
  expect(heldProducer(checkout, Checkout, 'place', slot)).toBe(checkout.orders);
});

it('an attached object holds those that its parents ask for as well', () => {
  class Express extends Checkout {
    readonly parcels: unknown;
  }
  append(Express, SLOTS, { channel: Parcels, name: 'parcels' });
  const express = new Express();
  attachProducers(express, producerOf);
  expect([express.orders, express.parcels]).toEqual([{ channel: Orders }, { channel: Parcels }]);
});

it('what is set already stays', () => {
  const fake = {};
  const checkout = Object.assign(new Checkout(), { orders: fake });
  attachProducers(checkout, producerOf);
  expect(checkout.orders).toBe(fake);
});

it('a class that asks for nothing gets nothing', () => {
  const object = new (class {})();
  attachProducers(object, producerOf);
  expect(Reflect.ownKeys(object)).toEqual([]);
});

it('an object that holds none is told what to do', () => {
  expect(() => heldProducer(new Checkout(), Checkout, 'place', slot)).toThrow(
    /^Checkout\.place publishes to channel "orders", but this object .* app\.attach\(object\)\.$/,
  );
});
