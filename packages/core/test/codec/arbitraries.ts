import fc from 'fast-check';
import { ENVELOPE } from '../../src/codec/cloudevents.js';
import type { Message } from '../../src/transport/message.js';

/** Any text at all: controls, halves of surrogate pairs, non-characters, `__proto__`, nothing. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '\uD800',
    '\uFFFE',
    '\uFEFF',
    'ßüñ',
    '😀',
    ' a b ',
    '{"a":1}',
    '1',
  ),
);

const headerName = fc
  .oneof(
    anyText,
    fc.constantFrom(
      'ce-source',
      'ce-causationid',
      'ce-subject',
      'ce-data',
      'ce-data_base64',
      'ce-datacontenttype',
      'ce-omnibusheaders',
      'ce-traceparent',
      'traceparent',
      'tracestate',
      'omnibus-attempts',
      'ce-',
      'ce-1',
      'ce-UPPER',
    ),
  )
  .filter((name) => !ENVELOPE.has(name));

/** Own properties by definition, so that `__proto__` is one as well. */
export const anyHeaders: fc.Arbitrary<Record<string, string>> = fc
  .array(fc.tuple(headerName, anyText), { maxLength: 8 })
  .map((entries) => Object.fromEntries(entries));

const anyBytes = fc.uint8Array({ maxLength: 64 });
const jsonText = fc.oneof(
  fc.json(),
  fc.jsonValue().map((value) => JSON.stringify({ __proto__: 1, data: value, 'a"b\\': [value, '}', ']'] }, null, 2)),
  fc.constantFrom(' null ', '1e999', '"\\ud800"', '{"data":{"data":1},"data":2}', '12345678901234567890', '\t[ ]\n'),
);
const anyBody = fc.oneof(
  anyBytes,
  jsonText.map((text) => new TextEncoder().encode(text)),
  fc.constantFrom(new Uint8Array(0), new TextEncoder().encode('\uFEFF{"a":1}'), new TextEncoder().encode('{"a":')),
);

const anyTime = fc.integer({ min: -8.64e15, max: 8.64e15 });

/** Any message that can be on the wire: `delayMs` is none of it. */
export const anyMessage: fc.Arbitrary<Message> = fc.record({
  id: anyText,
  type: anyText,
  time: anyTime,
  contentType: fc.oneof(
    anyText,
    fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'application/order+json',
      'text/plain',
      'application/octet-stream',
      'application/cloudevents+json',
    ),
  ),
  body: anyBody,
  headers: anyHeaders,
  key: fc.option(anyText, { nil: undefined }),
  correlationId: fc.option(anyText, { nil: undefined }),
  replyTo: fc.option(anyText, { nil: undefined }),
  delayMs: fc.constant(0),
  expiresAt: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), anyTime),
  priority: fc.integer({ min: 0, max: 255 }),
});

/** A message with bodies as plain arrays and headers as sorted entries, so that equal means equal whatever the classes are. */
export const plain = (message: Message): object => ({
  ...message,
  body: [...message.body],
  headers: Object.entries(message.headers).sort(([a], [b]) => (a < b ? -1 : 1)),
});
