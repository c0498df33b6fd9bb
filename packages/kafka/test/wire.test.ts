import type { Delivery, Message } from '@omnibus/core/transport';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HEADER_NAME, type Incoming, sizeOf, toDelivery, toRecord } from '../src/wire.js';

const hold = { partition: 3, lease: new AbortController().signal, receipt: undefined };

const message = (over: Partial<Message> = {}): Message => ({
  id: 'id-1',
  type: 'order.placed',
  time: 1_767_225_600_123,
  contentType: 'application/json',
  body: Buffer.from('{}'),
  headers: {},
  key: undefined,
  correlationId: undefined,
  replyTo: undefined,
  delayMs: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  priority: 0,
  ...over,
});

/** As a broker hands it out: header values are bytes. */
function read(sent: Message): Delivery {
  const { key, value, headers } = toRecord(sent);
  const bytes = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return toDelivery({ key, value, headers: bytes, offset: '17', timestamp: '1767225600999' }, hold);
}

const foreign = (over: Partial<Incoming>): Delivery =>
  toDelivery({ key: null, value: Buffer.from('x'), headers: {}, offset: '0', timestamp: '-1', ...over }, hold);

it('gives back every field of a message as it was sent', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => HEADER_NAME.test(text) && !/^(ce-|content-type$|omnibus-)/.test(text));
  const text = fc.string({ unit: 'grapheme' });
  const any = fc.record({
    id: fc.string({ minLength: 1 }),
    key: fc.option(text, { nil: undefined }),
    correlationId: fc.option(text, { nil: undefined }),
    replyTo: fc.option(text, { nil: undefined }),
    body: fc.uint8Array(),
    headers: fc.dictionary(name, text),
    priority: fc.nat(9),
    expiresAt: fc.constantFrom(Number.POSITIVE_INFINITY, 1_800_000_000_000),
  });
  fc.assert(
    fc.property(any, (over) => {
      const sent = message({ ...over, headers: { ...over.headers } });
      const got = read(sent);
      const { id, type, time, contentType, key, correlationId, replyTo, expiresAt, priority } = got;
      const { body: _, headers: __, delayMs: ___, ...rest } = sent;
      expect({ id, type, time, contentType, key, correlationId, replyTo, expiresAt, priority }).toEqual(rest);
      expect(Buffer.from(got.body)).toEqual(Buffer.from(sent.body));
      expect(got.headers).toEqual(sent.headers);
    }),
  );
});

it('says partition and offset as the position', () => {
  expect(read(message())).toMatchObject({ partition: '3', position: '3:17', deliveries: 0 });
});

it('names the attributes as the Kafka binding of CloudEvents does', () => {
  const { headers } = toRecord(message({ headers: { 'ce-source': 'shop', traceparent: '00-1' } }));
  expect(headers).toMatchObject({
    ce_specversion: '1.0',
    ce_id: 'id-1',
    ce_type: 'order.placed',
    ce_source: 'shop',
    traceparent: '00-1',
  });
  expect(Object.keys(headers).filter((each) => each.startsWith('ce-'))).toEqual([]);
});

it('reads a null value as an empty body that says so, and writes it as null again', () => {
  const tombstone = foreign({ value: null, key: Buffer.from('gone') });
  expect(tombstone.body).toHaveLength(0);
  expect(tombstone.headers).toEqual({ 'omnibus-null': 'true' });
  expect(toRecord(tombstone)).toMatchObject({ value: null, key: Buffer.from('gone') });
  expect(toRecord(message({ body: Buffer.alloc(0) })).value).toEqual(Buffer.alloc(0));
});

it('shows a key that is no UTF-8 as base64, and writes the same bytes again', () => {
  const key = Buffer.from([0xff, 0xfe, 0x00]);
  const delivery = foreign({ key });
  expect(delivery.key).toBe('base64://4A');
  expect(toRecord(delivery).key).toEqual(key);
  expect(toRecord(message({ key: 'base64:aGk=' })).key).toEqual(Buffer.from('base64:aGk='));
});

it('takes the last of headers of one name, and the time of the record where the message says none', () => {
  const delivery = foreign({ headers: { a: [Buffer.from('1'), Buffer.from('2')] }, timestamp: '5' });
  expect(delivery).toMatchObject({ headers: { a: '2' }, time: 5, id: '', type: '' });
  expect(foreign({ headers: undefined }).time).toBe(0);
});

it('estimates the size with headers and key', () => {
  const small = sizeOf(toRecord(message()));
  expect(sizeOf(toRecord(message({ key: 'x'.repeat(100), headers: { h: 'y'.repeat(100) } })))).toBeGreaterThanOrEqual(
    small + 200,
  );
});
