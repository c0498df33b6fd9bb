import { crc32c } from './crc32c.js';

/*
 * What is wrong with the records of a fetch, before kafkajs decodes them: it checks no checksum, asks again without a rest for a batch whose
 * length is wrong, and does not say which one could not be decompressed. Kafka protocol guide: "Fetch API", "Record batch".
 */

/** A batch that is not what was sent. */
export interface Flaw {
  readonly topic: string;
  readonly partition: number;
  /** Of its first record. */
  readonly offset: string;
  readonly what: string;
}

/** Where the fields of a record batch stand, in bytes. */
const LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const CHECKED_FROM = 21;
/** What comes before the bytes that `length` counts. */
const PREFIX = 12;
const SMALLEST = 61;
/** The first format with a checksum of this kind, of 2017. */
const MAGIC = 2;

/** The first flaw in the answer to a fetch (versions 4 to 11, without its correlation id), or undefined. What cannot be read here has none. */
export function flawOf(answer: Buffer, version: number): Flaw | undefined {
  if (version < 4 || version > 11) return undefined;
  let at = version < 7 ? 4 : 10; // throttle time; error and session
  const next = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  try {
    for (let topics = answer.readInt32BE(next(4)); topics > 0; topics--) {
      const length = Math.max(0, answer.readInt16BE(next(2)));
      const topic = answer.toString('utf8', at, at + length);
      at += length;
      for (let partitions = answer.readInt32BE(next(4)); partitions > 0; partitions--) {
        const partition = answer.readInt32BE(next(4));
        next(version < 5 ? 18 : 26); // error, high watermark, last stable offset; log start offset
        next(16 * Math.max(0, answer.readInt32BE(next(4)))); // aborted transactions
        if (version >= 11) next(4); // preferred replica
        const size = Math.max(0, answer.readInt32BE(next(4)));
        const found = inRecords(answer.subarray(at, at + size));
        if (found !== undefined) return { topic, partition, ...found };
        at += size;
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // it ends too early: kafkajs says so
  }
  return undefined;
}

/** The last batch may be cut off, as a fetch brings so many bytes; the first never is, since version 3. */
function inRecords(records: Buffer): Pick<Flaw, 'offset' | 'what'> | undefined {
  for (let at = 0; at + SMALLEST <= records.length; ) {
    if (records[at + MAGIC_AT] !== MAGIC) return undefined; // an older format, or a flaw that kafkajs fails at
    const length = records.readInt32BE(at + LENGTH_AT);
    const end = at + PREFIX + length;
    const offset = String(records.readBigInt64BE(at));
    if (length < SMALLEST - PREFIX) return { offset, what: `its length says ${length}` };
    if (end > records.length) return at > 0 ? undefined : { offset, what: `its length says ${length}, and there is less` };
    if (records.readUInt32BE(at + CRC_AT) !== crc32c(records.subarray(at + CHECKED_FROM, end)))
      return { offset, what: 'its checksum is that of other bytes' };
    at = end;
  }
  return undefined;
}
