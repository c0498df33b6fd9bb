import type { Message } from '@omnibus/core/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SqsMessage } from '../src/client.js';
import { HEADER_COUNT, HEADER_NAME, toDelivery, toEntry, toWire } from '../src/wire.js';
import { message } from './messages.js';

const PLACE = { group: undefined, deduplication: undefined, delaySeconds: undefined };
const HOLD = { lockedUntil: 1, receipt: undefined, isFifo: false };

/** What a queue would hand out for a message: the entry as it was sent, with what SQS adds. */
function received(sent: Message, system: SqsMessage['Attributes'] = {}): SqsMessage {
  const { MessageBody, MessageAttributes, MessageSystemAttributes = {} } = toEntry('0', toWire(sent), PLACE);
  const trace = MessageSystemAttributes['AWSTraceHeader']?.StringValue;
  return {
    MessageId: 'sqs-id',
    ReceiptHandle: 'handle',
    Body: MessageBody,
    MessageAttributes,
    Attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '5',
      ...(trace === undefined ? {} : { AWSTraceHeader: trace }),
      ...system,
    },
  };
}

const arrived = (raw: SqsMessage, isFifo = false): Message => {
  const {
    deliveries: _,
    partition: __,
    position: ___,
    lockedUntil: ____,
    lease: _____,
    receipt: ______,
    native: _______,
    ...own
  } = toDelivery(raw, { ...HOLD, isFifo });
  return own;
};

/** XML's characters: what a header's value may have on SQS. */
const carried = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((text) => /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u.test(text));
const names = fc
  .stringMatching(/^[A-Za-z0-9_.-]{1,12}$/)
  .filter((name) => HEADER_NAME.test(name) && !/^(ce-|content-type$)/.test(name) && name !== 'x-amzn-trace-id');
const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const messages: fc.Arbitrary<Message> = fc.record({
  id: anyText,
  type: anyText,
  time: fc.integer({ min: 0, max: 4e12 }),
  contentType: anyText,
  body: fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    anyText.map((text) => Uint8Array.from(Buffer.from(text))),
  ),
  headers: fc.dictionary(names, carried, { maxKeys: HEADER_COUNT }),
  key: maybe(anyText),
  correlationId: maybe(anyText),
  replyTo: maybe(anyText),
  delayMs: fc.constant(0),
  expiresAt: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 4e12 })),
  priority: fc.nat(9),
});

describe('the wire', () => {
  it('carries every field of a message, whatever is in it, and its body byte by byte', () => {
    fc.assert(
      fc.property(messages, fc.boolean(), (sent, isFifo) => {
        const back = arrived(received(sent, { MessageGroupId: 'group' }), isFifo);
        expect(Buffer.compare(Buffer.from(back.body), Buffer.from(sent.body))).toBe(0);
        expect({ ...back, body: sent.body, headers: { ...back.headers } }).toEqual({ ...sent, headers: { ...sent.headers } });
      }),
    );
  });

  it('sends nothing that SQS refuses: at most ten attributes, none of them empty, no other characters than its own', () => {
    const text = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u;
    fc.assert(
      fc.property(messages, (sent) => {
        const { body, attributes } = toWire(sent);
        expect(body).toMatch(text);
        expect(Object.keys(attributes).length).toBeLessThanOrEqual(10);
        for (const { StringValue } of Object.values(attributes)) expect(StringValue).toMatch(text);
      }),
    );
  });

  it('leaves the payload bare, and the type where others may filter by it', () => {
    const { body, attributes } = toWire(message());
    expect(body).toBe('{"n":1}');
    expect(attributes['ce-type']).toEqual({ DataType: 'String', StringValue: 'order.placed' });
    expect(JSON.parse(attributes['omnibus-envelope']?.StringValue ?? '')).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'm-1',
      'ce-time': '2026-01-02T03:04:05.006Z',
      'content-type': 'application/json',
    });
  });

  it('counts the bytes that SQS counts', () => {
    const { body, attributes, bytes } = toWire(message({ headers: { tenant: 'acmé' } }));
    const counted = Object.entries(attributes).map(
      ([name, { DataType = '', StringValue = '' }]) => name + DataType + StringValue,
    );
    expect(bytes).toBe(Buffer.byteLength(body + counted.join('')));
  });

  it('writes a body that is no text as base64, and says so', () => {
    const { body, attributes, form } = toWire(message({ body: Uint8Array.of(0xff, 0x00) }));
    expect([body, form]).toEqual(['/wA=', 'base64']);
    expect(attributes['omnibus-envelope']?.StringValue).toContain('"omnibus-body":"base64"');
  });

  it('sends an X-Ray trace beside the attributes, and reads it back as a header', () => {
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const sent = message({ headers: { 'x-amzn-trace-id': trace } });
    const entry = toEntry('0', toWire(sent), PLACE);
    expect(entry.MessageSystemAttributes).toEqual({ AWSTraceHeader: { DataType: 'String', StringValue: trace } });
    expect(entry.MessageAttributes).not.toHaveProperty('x-amzn-trace-id');
    expect(arrived(received(sent)).headers).toEqual({ 'x-amzn-trace-id': trace });
  });

  it('sends a trace that is none of X-Ray as an attribute like any other', () => {
    const sent = message({ headers: { 'x-amzn-trace-id': 'whatever' } });
    expect(toEntry('0', toWire(sent), PLACE).MessageSystemAttributes).toBeUndefined();
    expect(arrived(received(sent)).headers).toEqual({ 'x-amzn-trace-id': 'whatever' });
  });

  it('writes the size of a payload that is kept elsewhere as the number that the Extended Clients look for', () => {
    const { attributes } = toWire(message({ headers: { ExtendedPayloadSize: '300000', SQSLargePayloadSize: '300000' } }));
    expect(attributes['ExtendedPayloadSize']).toEqual({ DataType: 'Number', StringValue: '300000' });
    expect(attributes['SQSLargePayloadSize']).toEqual({ DataType: 'Number', StringValue: '300000' });
  });

  it('reads what others write: their id, time and FIFO group, their typed attributes as text', () => {
    const raw: SqsMessage = {
      MessageId: 'sqs-id',
      Body: 'hello',
      MessageAttributes: {
        'content-type': { DataType: 'String', StringValue: 'text/plain' },
        count: { DataType: 'Number.int', StringValue: '7' },
        bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0xff) },
      },
      Attributes: { SentTimestamp: '1700000000000', MessageGroupId: 'g', ApproximateReceiveCount: '3' },
    };
    const delivery = toDelivery(raw, { ...HOLD, isFifo: true });
    expect(delivery).toMatchObject({
      id: 'sqs-id',
      type: '',
      time: 1_700_000_000_000,
      contentType: 'text/plain',
      key: 'g',
      deliveries: 3,
      headers: { count: '7', bytes: 'base64:/w==' },
      native: raw,
    });
    expect(Buffer.from(delivery.body).toString()).toBe('hello');
    expect(toDelivery(raw, HOLD).key).toBeUndefined();
  });

  it('reads attributes whatever their names are', () => {
    const MessageAttributes = JSON.parse('{"__proto__":{"StringValue":"a"},"constructor":{"StringValue":"b"}}') as NonNullable<
      SqsMessage['MessageAttributes']
    >;
    const { headers } = arrived({ MessageId: 'i', Body: 'x', MessageAttributes });
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('reads a naked body, and one whose envelope is not ours', () => {
    expect(arrived({ MessageId: 'i', Body: 'x' })).toMatchObject({ id: 'i', type: '', time: 0, headers: {} });
    const odd = { 'omnibus-envelope': { DataType: 'String', StringValue: '[1' } };
    expect(arrived({ MessageId: 'i', Body: 'x', MessageAttributes: odd }).headers).toEqual({ 'omnibus-envelope': '[1' });
  });

  it.each([
    ['6', 6], // of a foreign policy
    ['1000', 1_000],
    ['1001', 1], // of ours: the first of this queue
    ['1004', 4],
  ])('was buried by SQS after %s receives, %i of them of this queue', (ApproximateReceiveCount, deliveries) => {
    const DeadLetterQueueSourceArn = 'arn:aws:sqs:eu-west-1:123456789012:orders';
    const SentTimestamp = '1767225600000';
    const delivery = toDelivery(received(message(), { ApproximateReceiveCount, DeadLetterQueueSourceArn, SentTimestamp }), HOLD);
    const at = '2026-01-01T00:00:00.000Z';
    const death = { reason: 'broker', error: 'maxReceiveCount', attempts: 0, channel: 'orders', first: at, last: at };
    expect(JSON.parse(delivery.headers['omnibus-dead']!)).toEqual(death);
    expect(delivery.deliveries).toBe(deliveries);
  });

  it('refuses what SQS cannot carry, by an error that says what', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`h${index}`, 'x']));
    expect(() => toWire(message({ headers: many }))).toThrow(/9 headers, and 8 fit into the 10 attributes/);
    expect(() => toWire(message({ headers: { 'AWS.x': 'x' } }))).toThrow(/'AWS\.x' has a name/);
    expect(() => toWire(message({ headers: { empty: '' } }))).toThrow(/'empty' is empty/);
    expect(() => toWire(message({ headers: { odd: '\u0000' } }))).toThrow(/'odd' has characters/);
  });
});
