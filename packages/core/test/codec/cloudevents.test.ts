import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENVELOPE, fromBinary, toBinary } from '../../src/codec/cloudevents.js';
import type { Message } from '../../src/transport/message.js';
import { anyMessage, plain } from './arbitraries.js';

const message: Message = {
  id: 'm-1',
  type: 'order.placed',
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  contentType: 'application/json',
  body: new TextEncoder().encode('{"a":1}'),
  headers: { 'ce-source': 'shop', traceparent: '00-1-2-01', tenant: 'acme' },
  key: 'k',
  correlationId: 'c',
  replyTo: 'shop.replies.1',
  delayMs: 0,
  expiresAt: Date.UTC(2026, 0, 3),
  priority: 4,
};

describe('binary mode', () => {
  test('writes the attributes of CloudEvents 1.0 and the headers as they are', () => {
    expect(toBinary(message)).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'm-1',
      'ce-type': 'order.placed',
      'ce-time': '2026-01-02T03:04:05.006Z',
      'content-type': 'application/json',
      'ce-partitionkey': 'k',
      'ce-correlationid': 'c',
      'ce-replyto': 'shop.replies.1',
      'ce-expirytime': '2026-01-03T00:00:00.000Z',
      'ce-priority': '4',
      'ce-source': 'shop',
      traceparent: '00-1-2-01',
      tenant: 'acme',
    });
  });

  test('writes no attribute for what a message does not have', () => {
    const bare: Message = {
      ...message,
      id: '',
      type: '',
      time: 0,
      contentType: '',
      headers: {},
      key: undefined,
      correlationId: undefined,
      replyTo: undefined,
      expiresAt: Number.POSITIVE_INFINITY,
      priority: 0,
    };
    expect(toBinary(bare)).toEqual({ 'ce-specversion': '1.0' });
  });

  test('writes no time that no date can hold', () => {
    expect(toBinary({ ...message, time: Number.NaN, expiresAt: 1e20 })).not.toHaveProperty('ce-time');
    expect(toBinary({ ...message, time: 0, expiresAt: 1e20 })).not.toHaveProperty('ce-expirytime');
  });

  test('leaves out a header that has the name of a field', () => {
    expect(toBinary({ ...message, headers: { 'ce-id': 'other', 'content-type': 'other' } })).toMatchObject({
      'ce-id': 'm-1',
      'content-type': 'application/json',
    });
    expect(toBinary({ ...message, key: undefined, headers: { 'ce-partitionkey': 'other' } })).not.toHaveProperty(
      'ce-partitionkey',
    );
  });

  test('gives every message back equal field by field, with the very same body', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const back = fromBinary(toBinary(message), message.body);
        expect(plain(back)).toEqual(plain(message));
        expect(back.body).toBe(message.body);
      }),
    );
  });

  test('gives every message the same fields in the same order', () => {
    expect(Object.keys(fromBinary({}, new Uint8Array(0)))).toEqual(Object.keys(message));
  });

  test('reads attributes of any type and any absurd value without throwing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.constantFrom(...ENVELOPE), fc.string()), fc.anything()), (attributes) => {
        const { id, time, expiresAt, priority, headers } = fromBinary(attributes, new Uint8Array(0));
        expect(typeof id).toBe('string');
        expect(Number.isNaN(time) || Number.isNaN(expiresAt)).toBe(false);
        expect(priority).toBeGreaterThanOrEqual(0);
        expect(Object.values(headers).every((value) => typeof value === 'string')).toBe(true);
      }),
    );
  });

  test.each([
    ['tomorrow', 0],
    ['1', 0],
    ['2026-01-02', 0],
    ['2026-13-45T00:00:00Z', 0],
    ['2026-01-02T03:04:05Z', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02t03:04:05.5+01:00', Date.UTC(2026, 0, 2, 2, 4, 5, 500)],
    ['2026-01-02T03:04:05.123456789Z', Date.UTC(2026, 0, 2, 3, 4, 5, 123)],
  ])('reads the time %j as %d: what is no RFC 3339 time is unknown', (time, expected) => {
    expect(fromBinary({ 'ce-time': time }, new Uint8Array(0)).time).toBe(expected);
  });

  test('reads an expiry that is no time as never, and a priority that is no number as lowest', () => {
    expect(fromBinary({ 'ce-expirytime': 'soon', 'ce-priority': '-1' }, new Uint8Array(0))).toMatchObject({
      expiresAt: Number.POSITIVE_INFINITY,
      priority: 0,
    });
  });

  test('makes text of typed headers', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const typed = {
      n: 1.5,
      big: 10n,
      yes: true,
      at: new Date(0),
      text: Buffer.from('\uFEFFhé'),
      bytes: new Uint8Array([255, 0]),
      list: [1, 'a'],
      none: null,
      odd: Symbol('odd'),
      cycle,
      never: new Date(Number.NaN),
    };
    expect(fromBinary(typed, new Uint8Array(0)).headers).toEqual({
      n: '1.5',
      big: '10',
      yes: 'true',
      at: '1970-01-01T00:00:00.000Z',
      text: '\uFEFFhé',
      bytes: 'base64:/wA=',
      list: '[1,"a"]',
      cycle: 'unreadable',
      never: 'Invalid Date',
    });
  });

  test('keeps a header that is called __proto__ as a header', () => {
    const attributes = JSON.parse('{"__proto__":"mine"}') as Record<string, string>;
    const { headers } = fromBinary(attributes, new Uint8Array(0));
    expect(Object.entries(headers)).toEqual([['__proto__', 'mine']]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });
});
