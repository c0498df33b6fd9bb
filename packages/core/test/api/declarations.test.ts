import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queue, stream, topic } from '../../src/api/channels.js';
import { perInstance } from '../../src/api/consumer.js';
import { to } from '../../src/api/handlers.js';
import { message } from '../../src/api/messages.js';
import { producerToken } from '../../src/api/tokens.js';
import { OrderPlaced, Orders, ParcelBooked, Parcels } from './contracts.js';

describe('a message type', () => {
  const schema = z.object({ id: z.string() });
  const reply = z.object({ ok: z.boolean() });
  const key = (payload: { id: string }) => payload.id;
  const codec = { contentType: 'text/plain', encode: () => new Uint8Array(), decode: () => undefined };

  it('holds what was said', () => {
    expect(message('asked', schema, { key, reply, codec })).toEqual({ name: 'asked', schema, reply, key, codec });
  });

  it('has every field where nothing was said', () => {
    expect(message('told', schema)).toEqual({ name: 'told', schema, reply: undefined, key: undefined, codec: undefined });
  });

  it('is frozen', () => {
    expect(Object.isFrozen(message('told', schema))).toBe(true);
  });
});

describe('a channel', () => {
  it('holds what was said, its facts in options', () => {
    const key = (order: { orderId: string }) => order.orderId;
    const orders = topic('orders', { messages: [OrderPlaced], key, ordered: true, maxDelayMs: 5, maxTtlMs: 6, priorities: 7 });
    const options = { ordered: true, maxDelayMs: 5, maxTtlMs: 6, priorities: 7 };
    expect(orders).toEqual({ kind: 'topic', name: 'orders', messages: [OrderPlaced], key, options });
  });

  it('has the kind that its maker names', () => {
    const spec = { messages: [OrderPlaced] } as const;
    expect([queue('a', spec), topic('a', spec), stream('a', spec)].map(({ kind }) => kind)).toEqual(['queue', 'topic', 'stream']);
  });

  it('is frozen, with its messages and options', () => {
    const channel = queue('parcels', { messages: [ParcelBooked], ordered: true });
    expect([channel, channel.messages, channel.options].map((each) => Object.isFrozen(each))).toEqual([true, true, true]);
  });

  it('does not change with the list that it was made of', () => {
    const messages = [ParcelBooked];
    const channel = queue('parcels', { messages });
    messages.pop();
    expect(channel.messages).toEqual([ParcelBooked]);
  });
});

describe('names that two copies of this package share', () => {
  it('make the token of a channel: one for all channels of its name', () => {
    const twin = queue('parcels', { messages: [OrderPlaced] });
    expect(producerToken(twin)).toBe(producerToken(Parcels));
    expect(producerToken(Orders)).not.toBe(producerToken(Parcels));
    expect(Symbol.keyFor(producerToken(Parcels))).toContain('"parcels"');
  });

  it('make perInstance', () => {
    expect(perInstance).toBe(Symbol.for('omnibus:per-instance'));
  });
});

it('to() names where a result goes', () => {
  expect(to(Parcels, ParcelBooked)).toEqual({ channel: Parcels, message: ParcelBooked });
});
