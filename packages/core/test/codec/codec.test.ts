import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesCodec, textCodec } from '../../src/codec/codec.js';
import { isJson, jsonCodec } from '../../src/codec/json.js';
import { anyText } from './arbitraries.js';
import { thrown } from './thrown.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('jsonCodec', () => {
  test('gives back what JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(jsonCodec.decode(jsonCodec.encode(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('keeps every text, halves of surrogate pairs too', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(jsonCodec.decode(jsonCodec.encode(value))).toBe(value);
      }),
    );
  });

  test('writes texts that SQS, SNS and XML 1.0 take', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(Buffer.from(jsonCodec.encode([value])).toString()).toMatch(/^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
      }),
    );
    expect(Buffer.from(jsonCodec.encode({ 'a\uFFFE': 'é\uFFFF\\' })).toString()).toBe('{"a\\ufffe":"é\\uffff\\\\"}');
  });

  test.each([
    [undefined, 'The payload has no JSON form: it is undefined.'],
    [() => 1, 'The payload has no JSON form: it is a function.'],
    [1n, 'The payload has no JSON form: it holds a bigint or a cycle, or a toJSON of its own threw.'],
  ])('refuses %s', (value, message) => {
    expect(() => jsonCodec.encode(value)).toThrow(expect.objectContaining({ code: 'INVALID', message }));
  });

  test.each([
    [bytes(''), 'The body is not JSON: it is empty.'],
    [bytes('hunter2'), 'The body is not JSON.'],
    [bytes('{"password":"hunter2"'), 'The body is not JSON: it breaks off or goes wrong at character 21 of 21.'],
    [
      new Uint8Array([0x22, 0xff, 0x22]),
      'The body is not text: its 3 bytes are not UTF-8. Give the message a codec of its own (bytesCodec) if it is meant to be binary.',
    ],
  ])('refuses a body without showing it (%#)', async (body, message) => {
    const error = await thrown(() => jsonCodec.decode(body));
    expect(error).toMatchObject({ code: 'INVALID', message });
    expect(String(error.cause)).not.toContain('hunter2');
  });
});

describe('bytesCodec and textCodec', () => {
  test('bytes go and come as they stand, as a copy', () => {
    const body = new Uint8Array([0, 255]);
    for (const copy of [bytesCodec.encode(body), bytesCodec.decode(body) as Uint8Array]) {
      expect([...copy]).toEqual([0, 255]);
      copy.fill(1);
      expect(body).toStrictEqual(new Uint8Array([0, 255]));
    }
    expect(() => bytesCodec.encode('text')).toThrow('The payload is not a Uint8Array, which is all that bytesCodec sends.');
  });

  test('well-formed text comes back, the other is refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((value) => !value.startsWith('\uFEFF')),
        (value) => {
          expect(textCodec.decode(textCodec.encode(value))).toBe(value);
        },
      ),
    );
    expect(() => textCodec.encode('\uD800')).toThrow(
      'The payload is a string with half a surrogate pair; textCodec sends well-formed strings only.',
    );
    expect(() => textCodec.encode(1)).toThrow('The payload is not a string; textCodec sends well-formed strings only.');
  });
});

test.each([
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['application/problem+json', true],
  ['text/json', true],
  ['application/jsonlines', false],
  ['application/json-seq', false],
  ['text/plain; note=application/json', false],
  ['', false],
])('the content type %j says JSON: %s', (contentType, expected) => {
  expect(isJson(contentType)).toBe(expected);
});
