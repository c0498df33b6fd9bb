import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBinary } from '../../src/codec/cloudevents.js';
import { PACKED, packHeaders, unpackHeaders } from '../../src/codec/pack-headers.js';
import type { Limits } from '../../src/transport/capabilities.js';
import { anyHeaders, anyMessage } from './arbitraries.js';

type HeaderLimits = Limits['headers'];
const SQS: HeaderLimits = { count: 10, bytes: Number.POSITIVE_INFINITY, name: /^[A-Za-z0-9_.-]{1,256}$/, empty: false };
const XML = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

const anyLimits: fc.Arbitrary<HeaderLimits> = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  bytes: fc.constant(Number.POSITIVE_INFINITY),
  name: fc.constantFrom(/./s, /^[a-z-]+$/, /^[A-Za-z0-9_.-]{1,256}$/g, /^omnibus-/y),
  empty: fc.boolean(),
});
const sorted = (headers: Readonly<Record<string, string>>): unknown =>
  Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));

describe('packed headers', () => {
  test('are within the limits, and equal after unpacking, for any headers and limits', () => {
    const input = fc.oneof(
      anyHeaders,
      anyHeaders.map((headers) => ({ ...headers, [PACKED]: '{"a":"b"}' })),
      anyMessage.map(toBinary),
    );
    fc.assert(
      fc.property(input, anyLimits, (headers, limits) => {
        const packed = packHeaders(headers, limits);
        const names = Object.keys(packed);
        expect(names.length).toBeLessThanOrEqual(limits.count);
        for (const name of names) {
          expect(packed[name]).toMatch(XML);
          if (name === PACKED) continue;
          expect(name.search(limits.name)).not.toBe(-1);
          if (!limits.empty) expect(packed[name]).not.toBe('');
        }
        expect(sorted(unpackHeaders(packed))).toEqual(sorted(headers));
      }),
      { numRuns: 500 },
    );
  });

  test('are the very same object where nothing is in the way', () => {
    const headers = { 'ce-type': 't', tenant: 'acme' };
    expect(packHeaders(headers, SQS)).toBe(headers);
    expect(unpackHeaders(headers)).toBe(headers);
  });

  test('leave alone what the broker can carry', () => {
    expect(packHeaders({ tenant: 'acme', 'two words': 'x', empty: '', bell: '\u0007' }, SQS)).toEqual({
      tenant: 'acme',
      [PACKED]: '{"two words":"x","empty":"","bell":"\\u0007"}',
    });
  });

  test('keep outside what extended clients look for', () => {
    const headers = { a: '1', b: '2', ExtendedPayloadSize: '3' };
    expect(packHeaders(headers, { ...SQS, count: 2 })).toEqual({ ExtendedPayloadSize: '3', [PACKED]: '{"a":"1","b":"2"}' });
  });

  test("keep the type, the trace and the application's own outside, as long as there is room", () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 't', a: '1', b: '2', traceparent: 'x', c: '3' };
    expect(packHeaders(headers, { ...SQS, count: 5 })).toEqual({
      'ce-type': 't',
      traceparent: 'x',
      a: '1',
      b: '2',
      [PACKED]: '{"ce-specversion":"1.0","ce-id":"1","c":"3"}',
    });
  });

  test('go into the one header where there is room for one only', () => {
    expect(packHeaders({ a: '1', b: '2' }, { ...SQS, count: 1 })).toEqual({ [PACKED]: '{"a":"1","b":"2"}' });
  });

  test('that are too large are refused without being shown', () => {
    expect(() => packHeaders({ token: 'secret' }, { ...SQS, bytes: 10 })).toThrow(
      expect.objectContaining({
        code: 'TOO_LARGE',
        message:
          'The headers have 11 bytes, names included, and the broker takes 10. Send less in headers, or move it to the payload.',
      }),
    );
  });

  test.each(['', 'no json', '[]', 'null', '{"a":1}'])('of others stay as they are: %j', (value) => {
    const headers = { [PACKED]: value };
    expect(unpackHeaders(headers)).toBe(headers);
  });
});
