import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../src/clients/kafkajs/crc32c.js';
import { flawOf } from '../src/clients/kafkajs/fetched.js';
import { framed } from '../src/clients/kafkajs/watched-sockets.js';

const VERSIONS = [4, 5, 7, 11] as const;
const CHECKED_FROM = 21;

const int = (bytes: 1 | 2 | 4 | 8, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigInt64BE(BigInt(value));
  else buffer.writeIntBE(value, 0, bytes);
  return buffer;
};

/** A batch as Kafka stores it; its records are not looked at. */
function batch(offset: number, records: Uint8Array): Buffer {
  const checked = Buffer.concat([int(2, 0), int(4, 0), Buffer.alloc(34), records]); // attributes, last delta, times, producer, count
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32c(checked));
  const rest = Buffer.concat([int(4, 0), int(1, 2), crc, checked]); // epoch, magic
  return Buffer.concat([int(8, offset), int(4, rest.length), rest]);
}

/** The answer to a fetch. */
function answer(version: number, partitions: readonly Buffer[]): Buffer {
  const one = (records: Buffer, partition: number): Buffer =>
    Buffer.concat([
      ...[int(4, partition), int(2, 0), int(8, 9), int(8, 9)],
      ...(version < 5 ? [] : [int(8, 0)]),
      int(4, -1),
      ...(version < 11 ? [] : [int(4, -1)]),
      ...[int(4, records.length), records],
    ]);
  const topic = Buffer.concat([int(2, 6), Buffer.from('orders'), int(4, partitions.length), ...partitions.map(one)]);
  return Buffer.concat([int(4, 0), ...(version < 7 ? [] : [int(2, 0), int(4, 0)]), int(4, 1), topic]);
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const version = fc.constantFrom(...VERSIONS);

describe('what is wrong with what was fetched', () => {
  it('is nothing where it is what was stored, even if the last batch of a partition is cut off', () => {
    fc.assert(
      fc.property(version, fc.array(fc.array(bytes, { maxLength: 3 }), { maxLength: 3 }), fc.nat(60), (at, all, cut) => {
        const partitions = all.map((each) => Buffer.concat(each.map((records, index) => batch(index, records))));
        const last = all.map((each, index) => {
          const whole = partitions[index]!;
          return each.length < 2 ? whole : whole.subarray(0, whole.length - Math.min(cut, 60 + each.at(-1)!.length));
        });
        expect(flawOf(answer(at, last), at)).toBeUndefined();
      }),
    );
  });

  it('is found by any bit that changed behind the checksum, and told by topic, partition and offset', () => {
    fc.assert(
      fc.property(version, bytes, fc.nat(), fc.nat(7), (at, records, where, bit) => {
        const [good, bad] = [batch(5, records), batch(6, records)];
        const byte = CHECKED_FROM + (where % (bad.length - CHECKED_FROM));
        bad[byte] = bad[byte]! ^ (1 << bit);
        const flaw = { topic: 'orders', partition: 1, offset: '6', what: expect.stringContaining('checksum') };
        expect(flawOf(answer(at, [good, Buffer.concat([good, bad])]), at)).toEqual(flaw);
      }),
    );
  });

  it('is a first batch that says to be longer than what came, or shorter than any', () => {
    for (const length of [1_000_000, 48, -1]) {
      const records = batch(7, Buffer.from('records'));
      records.writeInt32BE(length, 8);
      expect(flawOf(answer(11, [records]), 11)).toMatchObject({
        offset: '7',
        what: expect.stringContaining(`length says ${length}`),
      });
    }
  });

  it('is left to kafkajs where it is no answer to a fetch that can be read here', () => {
    fc.assert(fc.property(version, bytes, (at, noise) => void flawOf(Buffer.from(noise), at)));
    expect(flawOf(answer(4, [batch(1, Buffer.alloc(9))]), 3)).toBeUndefined();
  });
});

it('has the checksum of RFC 3720, whatever the length', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a91_36aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8_ab43);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});

it('puts frames together, however TCP cuts them', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 4, maxLength: 50 }), { maxLength: 6 });
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 40 }), (sent, size) => {
      const stream = Buffer.concat(sent.flatMap((frame) => [int(4, frame.length), frame]));
      const got: Buffer[] = [];
      const take = framed((frame) => got.push(Buffer.from(frame)));
      for (let at = 0; at < stream.length; at += size) take(stream.subarray(at, at + size));
      expect(got.map((frame) => frame.toString('hex'))).toEqual(sent.map((frame) => Buffer.from(frame).toString('hex')));
    }),
  );
});
