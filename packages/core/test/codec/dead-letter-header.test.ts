import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buriedByBroker, type Death, deadHeader, readDeadHeader } from '../../src/codec/dead-letter-header.js';
import { packHeaders } from '../../src/codec/pack-headers.js';

const death: Death = {
  reason: 'failed',
  attempts: 5,
  channel: 'orders',
  group: 'shipping',
  first: '2026-01-01T00:00:00.000Z',
  last: '2026-01-01T00:01:00.000Z',
};
const headersOf = (value: string) => ({ 'omnibus-dead': value });
const bytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

describe('the header omnibus-dead', () => {
  test('reads back as it was written', () => {
    const full = { ...death, error: 'no such sku' };
    expect(readDeadHeader(headersOf(deadHeader(full, {})))).toEqual(full);
    const { group: _, ...queue } = death;
    expect(readDeadHeader(headersOf(deadHeader({ ...queue, group: undefined }, {})))).toEqual(queue);
  });

  test('keeps what it said before as history, newest first, ten at most, without error texts', () => {
    let value = deadHeader({ ...death, reason: 'r0', error: 'secret of the first' }, {});
    for (let times = 1; times <= 12; times++)
      value = deadHeader({ ...death, reason: `r${times}`, error: `e${times}` }, headersOf(value));
    const read = readDeadHeader(headersOf(value));
    expect(read).toMatchObject({ reason: 'r12', error: 'e12' });
    expect(read?.history?.map(({ reason }) => reason)).toEqual(['r11', 'r10', 'r9', 'r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2']);
    expect(read?.history?.every((old) => !('error' in old) && !('history' in old))).toBe(true);
  });

  test('tells of a burial by the broker, and keeps what it said before', () => {
    const at = Date.parse(death.last);
    const headers = { mine: 'kept', ...headersOf(deadHeader(death, {})) };
    const buried = buriedByBroker(headers, { why: 'delivery_limit', from: 'orders.dead', at });
    expect(buried['mine']).toBe('kept');
    const when = { first: death.last, last: death.last };
    const own = { reason: 'broker', error: 'delivery_limit', attempts: 0, channel: 'orders.dead', ...when };
    expect(readDeadHeader(buried)).toEqual({ ...own, history: [death] });
    for (const absurd of [Number.NaN, Number.POSITIVE_INFINITY, 9e15])
      expect(readDeadHeader(buriedByBroker({}, { why: '', from: '', at: absurd }))?.last).toBe('1970-01-01T00:00:00.000Z');
  });

  test('where 4 KB do not hold all of them, gives up the oldest deaths', () => {
    let value = '';
    for (let times = 0; times < 10; times++)
      value = deadHeader({ ...death, reason: `${times}${'"'.repeat(200)}` }, headersOf(value));
    const kept = readDeadHeader(headersOf(value))?.history?.map(({ reason }) => reason[0]);
    expect(bytes(value)).toBeGreaterThan(4_096 - 64 - 700); // one more would not fit
    expect(kept).toEqual(['8', '7', '6', '5', '4', '3', '2', '1', '0'].slice(0, kept?.length));
    expect(kept?.length).toBeLessThan(9);
  });

  test('cuts an error at 1 KB between characters and shows that it did', () => {
    const read = readDeadHeader(headersOf(deadHeader({ ...death, error: '🙂'.repeat(400) }, {})));
    expect(read?.error).toBe(`${'🙂'.repeat(255)}…`);
    const whole = 'x'.repeat(1_024);
    expect(readDeadHeader(headersOf(deadHeader({ ...death, error: whole }, {})))?.error).toBe(whole);
  });

  test('a header that is not ours is no history', () => {
    for (const odd of [
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"reason":1}',
      JSON.stringify({ ...death, attempts: 'x' }),
      JSON.stringify({ ...death, error: 1 }),
    ]) {
      expect(readDeadHeader(headersOf(odd))).toBeUndefined();
      expect(JSON.parse(deadHeader(death, headersOf(odd)))).not.toHaveProperty('history');
    }
    expect(readDeadHeader({})).toBeUndefined();
    expect(readDeadHeader(headersOf(JSON.stringify({ ...death, history: 'x' })))?.history).toBeUndefined();
    expect(readDeadHeader(headersOf(JSON.stringify({ ...death, history: [1, death] })))?.history).toEqual([death]);
  });

  test('stays within 4 KB with its name, packed or not, whatever the texts and however often it died', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.constantFrom('"'.repeat(5_000), '\u0000'.repeat(5_000), '\\'.repeat(5_000), '\ud800'.repeat(3_000)),
    );
    const any = fc.record({
      reason: text,
      error: fc.option(text, { nil: undefined }),
      attempts: fc.nat(),
      channel: text,
      group: fc.option(text, { nil: undefined }),
      first: fc.constant(death.first),
      last: fc.constant(death.last),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 14 }), (deaths) => {
        let value = '';
        for (const one of deaths) value = deadHeader(one, headersOf(value));
        expect(readDeadHeader(headersOf(value))).toBeDefined();
        const packed = packHeaders(headersOf(value), { count: 1, bytes: Number.POSITIVE_INFINITY, name: /^never$/, empty: true });
        expect(bytes(value) + 'omnibus-dead'.length).toBeLessThanOrEqual(4_096);
        for (const [name, content] of Object.entries(packed))
          expect(Buffer.byteLength(name + content)).toBeLessThanOrEqual(4_096);
        const error = readDeadHeader(headersOf(value))?.error;
        if (error !== undefined) expect(bytes(error) - 2).toBeLessThanOrEqual(1_024);
      }),
      { numRuns: 40 },
    );
  });
});
