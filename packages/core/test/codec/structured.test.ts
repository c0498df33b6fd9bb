import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataSlice } from '../../src/codec/data-slice.js';
import { fromStructured, toStructured } from '../../src/codec/structured.js';
import { isMessagingError } from '../../src/transport/errors.js';
import type { Message } from '../../src/transport/message.js';
import { anyMessage, plain } from './arbitraries.js';
import { thrown } from './thrown.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const message: Message = {
  id: 'm-1',
  type: 'order.placed',
  time: Date.UTC(2026, 0, 2),
  contentType: 'application/json',
  body: bytes('{ "a": 1.0 }'),
  headers: { 'ce-source': 'shop', traceparent: '00-1-2-01', tenant: 'acme' },
  key: 'k',
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
};

describe('structured mode', () => {
  test("writes data last, as the body's own bytes", () => {
    expect(text(toStructured(message))).toBe(
      '{"specversion":"1.0","id":"m-1","type":"order.placed","time":"2026-01-02T00:00:00.000Z","datacontenttype":"application/json","partitionkey":"k","source":"shop","traceparent":"00-1-2-01","omnibusheaders":"{\\"tenant\\":\\"acme\\"}","data":{ "a": 1.0 }}',
    );
  });

  test.each([
    ['bytes of another content type', { ...message, contentType: 'application/octet-stream' }],
    ['bytes that say JSON and are not', { ...message, body: bytes('{"a":') }],
    ['bytes that are not UTF-8', { ...message, body: new Uint8Array([0x22, 0xff, 0x22]) }],
    ['JSON behind a byte order mark', { ...message, body: bytes('\uFEFF{}') }],
  ])('writes %s as data_base64', (_, message) => {
    const event = JSON.parse(text(toStructured(message))) as Record<string, unknown>;
    expect(event).not.toHaveProperty('data');
    expect(event['data_base64']).toBe(Buffer.from(message.body).toString('base64'));
  });

  test('writes no data at all for an empty body', () => {
    const event = JSON.parse(text(toStructured({ ...message, body: new Uint8Array(0) }))) as Record<string, unknown>;
    expect(event).not.toHaveProperty('data');
    expect(event).not.toHaveProperty('data_base64');
  });

  test('gives every message back equal field by field, and its body byte by byte', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(plain(fromStructured(toStructured(message)))).toEqual(plain(message));
      }),
      { numRuns: 500 },
    );
  });

  test('writes an event that is valid JSON whatever the message is', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(JSON.parse(text(toStructured(message)))).toMatchObject({ specversion: '1.0' });
      }),
    );
  });

  test("reads another producer's event: data anywhere, typed attributes, extensions as headers", () => {
    const event =
      '{\n "data" : {"x": 1e400, "data": 2} ,"specversion":"1.0", "type":"t", "id":"1", "source":"/s", "subject":"s", "retries": 3, "datacontenttype":"application/json", "d\\u0061ta2":{"data":5}}';
    const read = fromStructured(bytes(event));
    expect(text(read.body).trim()).toBe('{"x": 1e400, "data": 2}');
    expect(read).toMatchObject({
      id: '1',
      type: 't',
      headers: { 'ce-source': '/s', 'ce-subject': 's', 'ce-retries': '3', 'ce-data2': '{"data":5}' },
    });
  });

  test('takes data without a content type for JSON', () => {
    expect(fromStructured(bytes('{"specversion":"1.0","data":1}'))).toMatchObject({ contentType: 'application/json' });
  });

  test('takes a text under another content type than JSON for the text itself', () => {
    expect(text(fromStructured(bytes('{"specversion":"1.0","datacontenttype":"text/plain","data":"a\\nb"}')).body)).toBe('a\nb');
  });

  test('keeps omnibusheaders that are none as a header, and never lets them change a field', () => {
    expect(fromStructured(bytes('{"specversion":"1.0","omnibusheaders":"[1]"}')).headers).toEqual({ 'ce-omnibusheaders': '[1]' });
    expect(fromStructured(bytes('{"specversion":"1.0","id":"a","omnibusheaders":"{\\"ce-id\\":\\"b\\"}"}')).id).toBe('a');
  });

  test.each([
    ['', 'The 0 bytes are not a CloudEvent in structured mode: they are not JSON.'],
    ['hunter2', 'The 7 bytes are not a CloudEvent in structured mode: they are not JSON.'],
    ['{"specversion":"1.0","data":{}', 'The 30 bytes are not a CloudEvent in structured mode: they are not JSON.'],
    ['{"password":"hunter2"}', 'The 22 bytes are not a CloudEvent in structured mode: they have no specversion.'],
    ['null', 'The 4 bytes are not a CloudEvent in structured mode: they have no specversion.'],
    ['{"specversion":"1.0","data_base64":1}', 'The CloudEvent has a data_base64 that is no text.'],
  ])('refuses %j as INVALID without showing it', async (event, message) => {
    expect(await thrown(() => fromStructured(bytes(event)))).toEqual({ code: 'INVALID', message, cause: undefined });
  });

  test('throws nothing but INVALID, whatever the bytes are', () => {
    const almost = anyMessage.chain((message) =>
      fc.nat({ max: 400 }).map((at) => toStructured(message).map((byte, index) => (index === at ? byte ^ 1 : byte))),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), almost), (event) => {
        try {
          fromStructured(event);
        } catch (error) {
          expect(isMessagingError(error, 'INVALID')).toBe(true);
        }
      }),
    );
  });
});

describe('the slice of data', () => {
  test('is what JSON.parse reads as data, in every object', () => {
    const key = fc.oneof(fc.constant('data'), fc.string());
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), fc.constantFrom(0, 1, '\t'), (object, space) => {
        const slice = dataSlice(bytes(JSON.stringify(object, null, space)));
        if (Object.hasOwn(object, 'data')) expect(JSON.parse(text(slice!))).toEqual(JSON.parse(JSON.stringify(object['data'])));
        else expect(slice).toBeUndefined();
      }),
    );
  });

  test('is the last of several', () => {
    expect(text(dataSlice(bytes('{"data":1,"d\\u0061ta": [ {"data":3} ],"x":"data"}'))!)).toBe(' [ {"data":3} ]');
  });
});
