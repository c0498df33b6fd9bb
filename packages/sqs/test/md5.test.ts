import { describe, expect, it } from 'vitest';
import { md5OfAttributes, md5OfBody } from '../src/md5.js';

describe('checksums', () => {
  it('are those that SQS computes', () => {
    expect(md5OfBody('This is a test message')).toBe('fafb00f5732ab283681e124bf8747ed1'); // SQS API reference, SendMessage
  });

  it('of attributes follow their names, types and values, not their order', () => {
    const one = { DataType: 'String', StringValue: 'x' };
    const two = { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) };
    expect(md5OfAttributes({ one, two })).toBe(md5OfAttributes({ two, one }));
    expect(md5OfAttributes({ one })).not.toBe(md5OfAttributes({ one: { ...one, DataType: 'Number' } }));
    expect(md5OfAttributes({ one })).not.toBe(md5OfAttributes({ two: one }));
  });
});
