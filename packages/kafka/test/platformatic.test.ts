import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ACK, NONE } from '@omnibus/core/transport';
import { Admin } from '@platformatic/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { check, refuseOld } from '../src/clients/platformatic/library.js';
import { recordsOf } from '../src/clients/platformatic/records.js';
import { DEFAULTS } from '../src/options.js';
import { broker, CLIENTS, channel, connected, note, notRun, subscription, take, topology, url } from './broker.js';

it('is refused on a Node.js that is too old for it, and says what to use', async () => {
  expect(() => refuseOld('22.21.1')).toThrow(/does not run on Node.js 22.21.1; use Node.js 22.22 or newer/);
  for (const version of ['22.22.0', '24.0.0', '100.1.0']) refuseOld(version);
  await check({ ...DEFAULTS, url });
  const { engines } = JSON.parse(
    readFileSync(new URL('../node_modules/@platformatic/kafka/package.json', import.meta.url), 'utf8'),
  ) as { readonly engines: { readonly node: string } };
  expect(engines.node).toBe('>= 22.22.0 || >= 24.6.0');
});

it('is refused where its package is missing, and says how to install it', async () => {
  vi.doMock('@platformatic/kafka', () => {
    throw new Error('not found');
  });
  onTestFinished(() => {
    vi.doUnmock('@platformatic/kafka');
  });
  vi.resetModules();
  const { check: checkAgain } = await import('../src/clients/platformatic/library.js');
  const missing = checkAgain({ ...DEFAULTS, url });
  await expect(missing).rejects.toMatchObject({
    code: 'CONFIG',
    message: expect.stringContaining('npm install @platformatic/kafka@'),
  });
});

describe('what of a fetch is read', () => {
  const PRODUCER = 7n;
  /** A batch from this offset on, of records with these values. */
  const batch = (firstOffset: bigint, values: readonly string[], over = {}) => ({
    firstOffset,
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes: 0,
    lastOffsetDelta: values.length - 1,
    firstTimestamp: 100n,
    maxTimestamp: 100n,
    producerId: PRODUCER,
    producerEpoch: 0,
    firstSequence: 0,
    records: values.map((value, offsetDelta) => ({
      length: 0,
      attributes: 0,
      timestampDelta: 1n,
      offsetDelta,
      key: null as Buffer | null,
      value: Buffer.from(value),
      headers: [[Buffer.from('h'), Buffer.from(value)]] as [Buffer, Buffer][],
    })),
    ...over,
  });
  /** The control record that ends a transaction: in vain, or not. */
  const ending = (offset: bigint, type: 0 | 1) => {
    const marker = batch(offset, ['']);
    marker.records[0]!.key = Buffer.from([0, 0, 0, type]);
    return { ...marker, attributes: 16 | 32 };
  };
  const texts = (of: ReturnType<typeof recordsOf>) => of.records.map(({ offset, value }) => `${offset}:${value?.toString()}`);

  it('leaves out what a batch has before the position, and goes on behind the last one, compacted or not', () => {
    const read = recordsOf({ records: [batch(5n, ['a', 'b', 'c'], { lastOffsetDelta: 9 })], abortedTransactions: null }, 6n);
    expect(texts(read)).toEqual(['6:b', '7:c']);
    expect(read.next).toBe(15n);
    expect(read.records[0]).toMatchObject({ key: null, timestamp: '101', headers: { h: Buffer.from('b') } });
    expect(recordsOf({ records: null, abortedTransactions: null }, 6n)).toEqual({ records: [], next: 6n });
  });

  it('leaves out what was aborted, whether its end came with it or not, and nothing else of the same producer', () => {
    const inside = { attributes: 16 };
    const records = [
      batch(0n, ['aborted'], inside),
      batch(1n, ['plain'], { producerId: 8n }),
      ending(2n, 0),
      batch(3n, ['committed'], inside),
      ending(4n, 1),
      batch(5n, ['aborted later'], inside),
    ];
    const abortedTransactions = [
      { producerId: PRODUCER, firstOffset: 0n },
      { producerId: PRODUCER, firstOffset: 5n },
    ];
    const read = recordsOf({ records, abortedTransactions }, 0n);
    expect(texts(read)).toEqual(['1:plain', '3:committed']);
    expect(read.next).toBe(6n);
  });
});

describe.skipIf(!broker.available)(`both clients on one Kafka${notRun}`, () => {
  it('put a key in the same partition', async () => {
    const notes = channel();
    const keys = Array.from({ length: 32 }, (_, index) => `key ${index}`);
    for (const client of CLIENTS) {
      const to = await connected(topology([notes]), { client, partitions: 7 });
      expect(await (await to.sender(notes)).send(keys.map((key) => note({ key, id: client })))).toBe(NONE);
    }
    const to = await connected(topology([notes]), { client: 'platformatic' });
    const deliveries = await take(await to.receiver(subscription(notes)), 2 * keys.length);
    const places = (client: string) =>
      new Map(deliveries.filter(({ id }) => id === client).map(({ key, partition }) => [key, partition]));
    expect(places('kafkajs').size).toBe(keys.length);
    expect(places('platformatic')).toEqual(places('kafkajs'));
  });

  it('share one group, so that a service can move from one to the other process by process', async () => {
    const notes = channel();
    const group = subscription(notes);
    const [first, second] = await Promise.all(CLIENTS.map((client) => connected(topology([notes], [group]), { client })));
    const receivers = [await first!.receiver(group), await second!.receiver(group)];
    const sender = await first!.sender(notes);
    await sender.send(Array.from({ length: 40 }, () => note()));
    const signal = AbortSignal.timeout(20_000);
    const seen = receivers.map(() => new Set<string>());
    const all = (): Set<string> => new Set(seen.flatMap((each) => [...each]));
    await Promise.all(
      receivers.map(async (receiver, index) => {
        while (all().size < 40 && !signal.aborted) {
          const deliveries = await receiver.receive(10, AbortSignal.any([signal, AbortSignal.timeout(200)]));
          for (const { id } of deliveries) seen[index]!.add(id);
          await receiver.settle(deliveries, ACK);
        }
      }),
    );
    expect(all().size).toBe(40);
    expect(seen.map(({ size }) => size > 0)).toEqual([true, true]);
  });

  it('ends its leases when the group has forgotten it, and joins anew', async () => {
    const notes = channel();
    const to = await connected(topology([notes]), { client: 'platformatic' });
    await (await to.sender(notes)).send([note()]);
    const receiver = await to.receiver(subscription(notes));
    const [delivery] = await take(receiver, 1);
    const aborted = once(delivery!.lease!, 'abort');
    const admin = new Admin({ clientId: 'bystander', bootstrapBrokers: [...url] });
    await admin.removeMembersFromConsumerGroup({ groupId: subscription(notes).address });
    await admin.close();
    await aborted;
    expect(await receiver.settle([delivery!], ACK)).toMatchObject([{ error: { code: 'LOST' } }]);
    expect(await take(receiver, 1)).toMatchObject([{ id: delivery!.id }]);
  });

  it('reads partitions that are added while it runs', async () => {
    const notes = channel();
    const to = await connected(topology([notes]), { client: 'platformatic', partitions: 1, metadataMaxAgeMs: 1_000 });
    const receiver = await to.receiver(subscription(notes));
    const admin = new Kafka({ brokers: [...url], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic: notes.address, count: 3 }] });
    const count = async () => (await admin.fetchTopicOffsets(notes.address).catch(() => [])).length;
    await expect.poll(count, { timeout: 10_000 }).toBe(3);
    await admin.disconnect();
    const later = await connected(topology([notes]), { client: 'platformatic' });
    await (await later.sender(notes)).send(Array.from({ length: 30 }, () => note()));
    const signal = AbortSignal.timeout(25_000);
    const places = new Set<string | undefined>();
    while (places.size < 3 && !signal.aborted) {
      const deliveries = await receiver.receive(30, signal);
      for (const { partition } of deliveries) places.add(partition);
      await receiver.settle(deliveries, ACK);
    }
    expect(places).toEqual(new Set(['0', '1', '2']));
  });

  it.each(['snappy', 'lz4', 'gzip', 'zstd'] as const)('reads what it compressed by %s', async (compression) => {
    const notes = channel();
    const to = await connected(topology([notes]), { compression, client: 'platformatic' });
    expect(await (await to.sender(notes)).send([note({ body: Buffer.alloc(10_000, 'x') })])).toBe(NONE);
    const [delivery] = await take(await to.receiver(subscription(notes)), 1);
    expect(delivery!.body).toHaveLength(10_000);
  });
});
