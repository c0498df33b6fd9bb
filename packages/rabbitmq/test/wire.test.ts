import type { Delivery, Message } from '@omnibus/core/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Publish, RabbitMqMessage } from '../src/client.js';
import { HEADER_NAME, toContent, toDelivery, toPublish } from '../src/wire.js';
import { like, message } from './objects.js';

const hold = { lockedUntil: 5, lease: new AbortController().signal };

/** What amqplib makes of a publish on the other side. */
function arrived(
  publish: Partial<Publish> & { readonly headers?: object },
  content: Buffer = Buffer.alloc(0),
  redelivered = false,
): RabbitMqMessage {
  const { mandatory: _, ...properties } = publish;
  const fields = { consumerTag: 'consumer', deliveryTag: 1, redelivered, exchange: '', routingKey: 'orders' };
  return { content, fields, properties } as unknown as RabbitMqMessage;
}

const delivered = (properties: object, redelivered = false): Delivery =>
  toDelivery(arrived(properties, undefined, redelivered), hold);

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((one) => HEADER_NAME.test(one) && !one.startsWith('ce-'));
const time = fc.integer({ min: -62_000_000_000_000, max: 8.64e15 }).filter((ms) => ms !== 0);

const anyMessage: fc.Arbitrary<Message> = fc.record({
  id: text,
  type: text,
  time: fc.oneof(time, fc.constant(0)),
  contentType: text,
  body: fc.uint8Array({ maxLength: 200 }),
  headers: fc.dictionary(name, fc.string({ unit: 'grapheme' })),
  key: fc.option(text, { nil: undefined }),
  correlationId: fc.option(text, { nil: undefined }),
  replyTo: fc.option(text, { nil: undefined }),
  delayMs: fc.constant(0),
  expiresAt: fc.oneof(time, fc.constant(Number.POSITIVE_INFINITY)),
  priority: fc.integer({ min: 0, max: 255 }),
});

/** The fields of a Message, without those of a Delivery. */
function messageIn(delivery: Delivery): Message {
  const { deliveries, partition, position, lockedUntil, lease, receipt, native, ...fields } = delivery;
  return fields;
}

describe('a message on the wire', () => {
  it('comes back equal field by field, its body byte by byte', () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        const received = messageIn(toDelivery(arrived(toPublish(sent, true), toContent(sent.body)), hold));
        expect({ ...received, body: new Uint8Array(received.body) }).toEqual({ ...sent, headers: { ...sent.headers } });
      }),
    );
  });

  it('has every field of a delivery, in the same order, whatever arrived', () => {
    expect(Object.keys(delivered({}))).toEqual(Object.keys(delivered(toPublish(message({ key: 'k' }), false))));
  });

  it('is persistent, and writes nothing for what is empty or unknown', () => {
    const bare = message({ id: '', type: '', time: 0, contentType: '' });
    expect(toPublish(bare, false)).toEqual({ mandatory: false, deliveryMode: 2, headers: {} });
  });

  it('keeps the body in place', () => {
    const memory = new Uint8Array([1, 2, 3, 4]);
    const content = toContent(memory.subarray(1, 3));
    memory[1] = 9;
    expect([...content]).toEqual([9, 3]);
  });

  it.each(['CC', 'BCC', '__proto__', 'x-death', 'x-first-death-queue', 'x-last-death-reason', 'x-delivery-count'])(
    'refuses the header %s, which belongs to the broker, as its name pattern says',
    (header) => {
      const headers = Object.defineProperty({}, header, { value: 'a', enumerable: true }) as Record<string, string>;
      expect(() => toPublish(message({ headers }), false)).toThrow(like({ code: 'INVALID' }));
      expect(header).not.toMatch(HEADER_NAME);
    },
  );

  it.each([
    ['a name of 255 bytes', 'a'.repeat(255), true],
    ['one of 256 bytes', 'a'.repeat(256), false],
    ['63 characters of four bytes', '🚚'.repeat(63), true],
    ['64 characters of two bytes', 'ü'.repeat(64), false],
    ['an empty name', '', false],
    ['half a surrogate pair', '\ud83d', false],
    ['x-death as a part', 'x-death-of-a-salesman', true],
    ['cc in small letters', 'cc', true],
  ])('says that %s %s fits: %s', (_, header, fits) => {
    expect(HEADER_NAME.test(header)).toBe(fits);
  });

  it.each([
    ['a priority over 255', { priority: 256 }],
    ['a negative priority', { priority: -1 }],
    ['half a priority', { priority: 1.5 }],
    ['a time that is none', { time: Number.NaN }],
    ['a time after the last date', { time: 9e15 }],
    ['an expiry that is none', { expiresAt: Number.NaN }],
  ])('is refused with %s', (_, facts) => {
    expect(() => toPublish(message(facts), false)).toThrow(like({ code: 'INVALID' }));
  });
});

describe("somebody else's message", () => {
  it('may say nothing at all', () => {
    const { native, receipt, ...bare } = delivered({});
    expect(bare).toEqual({
      id: '',
      type: '',
      time: 0,
      contentType: '',
      body: Buffer.alloc(0),
      headers: {},
      key: undefined,
      correlationId: undefined,
      replyTo: undefined,
      delayMs: 0,
      expiresAt: Number.POSITIVE_INFINITY,
      priority: 0,
      deliveries: 1,
      partition: undefined,
      position: undefined,
      ...hold,
    });
    expect(native).toBe(receipt);
  });

  it('has the time of its timestamp, in seconds or, as some write it, in ms', () => {
    expect(delivered({ timestamp: 1_767_225_600 }).time).toBe(1_767_225_600_000);
    expect(delivered({ timestamp: 1_767_225_600_123 }).time).toBe(1_767_225_600_123);
    expect(delivered({ timestamp: 7, headers: { 'ce-time': '2026-01-01T00:00:00Z' } }).time).toBe(1_767_225_600_000);
  });

  it.each(['yesterday', '', '2026', '1', '2026-13-01T00:00:00Z', 17, null, { '!': 'timestamp', value: Number.NaN }])(
    'with the time %j falls back to its timestamp',
    (value) => {
      const delivery = delivered({ timestamp: 12, headers: { 'ce-time': value, 'ce-expirytime': value } });
      expect(delivery).toMatchObject({ time: 12_000, expiresAt: Number.POSITIVE_INFINITY, headers: {} });
    },
  );

  it('has its typed headers as canonical text', () => {
    const headers = {
      text: 'a',
      whole: 7,
      part: 1.5,
      yes: true,
      nothing: null,
      list: [1, 'b'],
      table: { a: { b: 1 } },
      bytes: Buffer.from([255, 254]),
      utf8: Buffer.from('ü'),
      stamp: { '!': 'timestamp', value: 1_767_225_600 },
      price: { '!': 'decimal', value: { places: 2, digits: 5 } },
    };
    expect(delivered({ headers }).headers).toEqual({
      text: 'a',
      whole: '7',
      part: '1.5',
      yes: 'true',
      list: '[1,"b"]',
      table: '{"a":{"b":1}}',
      bytes: 'base64://4=',
      utf8: 'ü',
      stamp: '2026-01-01T00:00:00.000Z',
      price: '0.05',
    });
  });

  it('leaves behind what brokers wrote into its headers on the way', () => {
    const headers = { 'x-death': [{ count: 1 }], 'x-first-death-reason': 'expired', 'x-delivery-count': 2, 'x-mine': 'a' };
    const delivery = delivered({ headers }, true);
    expect(delivery.headers).toEqual({ 'x-mine': 'a' });
    expect(delivery.deliveries).toBe(3);
  });

  it('tells how it was buried last, and nothing where it only waited for its time', () => {
    const time = { '!': 'timestamp', value: 1_767_225_600 };
    const waited = { reason: 'expired', queue: 'orders.wait', time };
    const limit = { reason: 'delivery_limit', queue: 'orders', time };
    const at = '2026-01-01T00:00:00.000Z';
    const death = { reason: 'broker', error: 'delivery_limit', attempts: 0, channel: 'orders', first: at, last: at };
    const storyOf = (deaths: unknown) => delivered({ headers: { 'x-death': deaths } }).headers;
    expect(JSON.parse(storyOf([limit, waited])['omnibus-dead']!)).toEqual(death);
    expect(JSON.parse(storyOf([{ ...limit, time: 'soon' }])['omnibus-dead']!)).toMatchObject({
      last: '1970-01-01T00:00:00.000Z',
    });
    for (const none of [[waited, limit], [], [null], [{}], [{ ...limit, queue: 1 }], 'x', null])
      expect(storyOf(none)).toEqual({});
  });

  it.each([
    ['quorum, first', { 'x-delivery-count': 0 }, false, 1],
    ['quorum, third', { 'x-delivery-count': 2 }, true, 3],
    ['classic, first', {}, false, 1],
    ['classic, again', {}, true, 2],
    ['a count that is a text', { 'x-delivery-count': '70' }, false, 1],
  ])('is counted: %s', (_, headers, redelivered, deliveries) => {
    expect(delivered({ headers }, redelivered).deliveries).toBe(deliveries);
  });

  it('cannot pollute a prototype', () => {
    const headers = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}') as object;
    const received = delivered({ headers }).headers;
    expect(Object.entries(received)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('never makes it throw, however absurd', () => {
    const properties = ['messageId', 'type', 'timestamp', 'contentType', 'correlationId', 'replyTo', 'priority'];
    const headers = fc.dictionary(
      fc.oneof(fc.constantFrom('ce-time', 'ce-partitionkey', 'ce-expirytime', 'x-delivery-count', '!'), fc.string()),
      fc.oneof(fc.anything(), fc.record({ '!': fc.constantFrom('timestamp', 'decimal', 'x'), value: fc.anything() })),
    );
    const absurd = fc.tuple(fc.dictionary(fc.constantFrom(...properties), fc.anything()), fc.option(headers, { nil: undefined }));
    fc.assert(
      fc.property(absurd, ([given, table]) => {
        const delivery = delivered({ ...given, headers: table });
        for (const value of Object.values(delivery.headers)) expect(value).toBeTypeOf('string');
        for (const field of ['id', 'type', 'contentType'] as const) expect(delivery[field]).toBeTypeOf('string');
        for (const field of ['time', 'expiresAt', 'priority', 'deliveries'] as const)
          expect(delivery[field]).toBeTypeOf('number');
      }),
    );
  });
});
