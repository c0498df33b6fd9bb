import { NONE } from '@omnibus/core/transport';
import kafkajs, { type Kafka } from 'kafkajs';
import snappy from 'kafkajs-snappy';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broker, channel, connected, note, notRun, subscription, take, topology, url } from './broker.js';

const { CompressionCodecs, CompressionTypes, logLevel } = kafkajs;
const codecs = CompressionCodecs as Record<number, unknown>;
const { Snappy, LZ4 } = CompressionTypes;

/** Made by each call of a codec. */
let compressions = 0;
let decompressions = 0;

type Codec = () => {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
};

/** As README says. */
const lz4: Codec = () => ({ compress: ({ buffer }) => compressFrame(buffer), decompress: (buffer) => decompressFrame(buffer) });

const counted =
  (codec: Codec): Codec =>
  () => ({
    compress(encoder) {
      compressions++;
      return codec().compress(encoder);
    },
    decompress(buffer) {
      decompressions++;
      return codec().decompress(buffer);
    },
  });

describe.skipIf(!broker.available)(`codecs that were registered with kafkajs${notRun}`, () => {
  const before = { [Snappy]: codecs[Snappy], [LZ4]: codecs[LZ4] };
  beforeAll(() => void Object.assign(codecs, { [Snappy]: counted(snappy), [LZ4]: counted(lz4) })); // kafkajs keeps them for the process
  afterAll(() => void Object.assign(codecs, before));

  const client = (): Kafka => new kafkajs.Kafka({ brokers: [...url], logLevel: logLevel.NOTHING });
  /** Makes a topic whose messages the broker compresses anew by this codec: it has to read what it is sent. */
  const keptBy = async (codec: string): Promise<ReturnType<typeof channel>> => {
    const notes = channel();
    const topic = notes.address;
    const admin = client().admin({ retry: { retries: 0 } });
    await admin.connect();
    const configEntries = [{ name: 'compression.type', value: codec }];
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1, configEntries }] });
    const isThere = (): Promise<boolean> =>
      admin.fetchTopicOffsets(topic).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
    await admin.disconnect();
    return notes;
  };
  const bodies = ['x'.repeat(200_000), 'short', ''];

  it.each([
    ['snappy', 'producer'],
    ['lz4', 'producer'],
    ['snappy', 'gzip'], // the broker reads ours
    ['lz4', 'gzip'],
    ['none', 'snappy'], // we read the broker's
    ['none', 'lz4'],
  ] as const)('carry what was compressed by %s to a topic of compression.type %s', async (compression, kept) => {
    const isOurs = { send: compression !== 'none', read: kept !== 'gzip' };
    [compressions, decompressions] = [0, 0];
    const notes = await keptBy(kept);
    const to = await connected(topology([notes]), { compression });
    const sender = await to.sender(notes);
    expect(await sender.send(bodies.map((body) => note({ body: Buffer.from(body) })))).toBe(NONE);
    const deliveries = await take(await to.receiver(subscription(notes)), bodies.length);
    expect(deliveries.map(({ body }) => Buffer.from(body).toString())).toEqual(bodies);
    expect([compressions > 0, decompressions > 0]).toEqual([isOurs.send, isOurs.read]);
  });
});
