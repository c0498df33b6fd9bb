import { ACK, NONE } from '@omnibus/core/transport';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokersOf } from '../src/clients/brokers.js';
import { checkCodec } from '../src/clients/kafkajs/codecs.js';
import { callError } from '../src/errors.js';
import { broker, CLIENTS, channel, connected, note, notRun, subscription, take, topology, transport, url } from './broker.js';
import { joinAs } from './support/raw-member.js';

const client = (): Kafka => new Kafka({ brokers: [...url], logLevel: logLevel.NOTHING });

it('takes brokers as a list, with commas, and as URLs', () => {
  expect(brokersOf(['kafka://a:1, b:2', 'c:3/'])).toEqual(['a:1', 'b:2', 'c:3']);
});

it.each([
  ['amqp://user:s3cret@a:1', /broker 1 of 1 .* is not host:port.*options username and password/],
  ['kafka://user:s3cret@a:1', /options username and password/],
  ['http://s3cret:1', /of schemes only kafka:\/\/ is taken$/],
  ['s3cret', /is not host:port/],
  [' ', /names no broker/],
])('refuses %j before it connects, and shows nothing of it', (given, why) => {
  const refused = (() => {
    try {
      transport({ url: [given] });
      return 'taken';
    } catch (error) {
      return `${(error as { code?: string }).code} ${String(error)}`;
    }
  })();
  expect(refused).toMatch(why);
  expect(refused).toMatch(/^CONFIG/);
  expect(refused).not.toContain('s3cret');
});

it.each([
  [
    new Error('Client network socket disconnected before secure TLS connection was established'),
    /may not speak TLS: check the port/,
  ],
  [Object.assign(new Error('no'), { type: 'ILLEGAL_SASL_STATE' }), /takes no login: check the port/],
  [Object.assign(new Error('no'), { type: 'UNSUPPORTED_SASL_MECHANISM' }), /set the option 'mechanism'/],
])('says what to do about %s', (error, advice) => {
  expect(callError('the cluster at a:1', error).message).toMatch(advice);
});

it('says which codec is missing, and how to register it', async () => {
  await expect(checkCodec({ compression: 'lz4' })).rejects.toThrow(/compression: lz4 has no codec; install .*lz4-napi/);
  await checkCodec({ compression: 'gzip' });
  await checkCodec({ compression: 'zstd' });
});

describe.skipIf(!broker.available).each(CLIENTS)(`Kafka and what it is asked in vain by %s${notRun}`, (by) => {
  it('reports a missing topic as drift where it only verifies, and makes none', async () => {
    const notes = channel();
    const to = transport({ client: by });
    await to.connect();
    const missing = { object: `topic '${notes.address}'`, property: 'existence', wanted: 'present', found: 'missing' };
    expect(await to.provision(topology([notes]), 'verify')).toEqual([missing]);
    expect(await to.provision(topology([notes]), 'verify')).toEqual([missing]);
  });

  it('reports partitions and retention that differ from what is asked for, and nothing where nothing is asked', async () => {
    const notes = channel();
    await connected(topology([notes]), { client: by, partitions: 2, retentionMs: 60_000 });
    const other = transport({ client: by, partitions: 3, retentionMs: 70_000 });
    await other.connect();
    expect(await other.provision(topology([notes]), 'create')).toMatchObject([
      { property: 'partitions', wanted: '3', found: '2' },
      { property: 'retention.ms', wanted: '70000', found: '60000' },
    ]);
    const silent = transport({ client: by });
    await silent.connect();
    expect(await silent.provision(topology([notes]), 'verify')).toEqual([]);
  });

  it('refuses a name that no topic can have', async () => {
    const to = transport({ client: by });
    await to.connect();
    const odd = to.provision(topology([channel({ name: 'a b' })]), 'create');
    await expect(odd).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining("'a b'") });
  });

  it('refuses a send to a topic that is not there, and goes on once it is', async () => {
    const notes = channel({ kind: 'queue' });
    const to = transport({ client: by });
    await to.connect();
    const sender = await to.sender(notes);
    expect(await sender.send([note()])).toMatchObject([{ index: 0, error: { code: 'NO_ROUTE' } }]);
    await to.provision(topology([notes]), 'create');
    expect(await sender.send([note()])).toBe(NONE);
  });

  it('refuses a message that is too large, by its own limit and by the topic’s, and sends the others', async () => {
    const notes = channel();
    const to = await connected(topology([notes]), { client: by, maxMessageBytes: 100_000 });
    const admin = client().admin();
    await admin.connect();
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: notes.address, configEntries: [{ name: 'max.message.bytes', value: '20000' }] }],
    });
    await admin.disconnect();
    const sender = await to.sender(notes);
    const sizes = [200_000, 30_000, 10, 15_000];
    const failures = await sender.send(sizes.map((size) => note({ body: Buffer.alloc(size, 'x'), key: 'k' })));
    expect(failures.map(({ index, error }) => [index, error.code]).toSorted()).toEqual([
      [0, 'TOO_LARGE'],
      [1, 'TOO_LARGE'],
    ]);
    const receiver = await to.receiver(subscription(notes));
    const sizesOf = (await take(receiver, 2)).map(({ body }) => body.length);
    expect(sizesOf).toEqual([10, 15_000]);
  });

  it('hands out a tombstone and a key that is no UTF-8', async () => {
    const notes = channel();
    const to = await connected(topology([notes]), { client: by });
    const producer = client().producer();
    await producer.connect();
    await producer.send({ topic: notes.address, messages: [{ key: Buffer.from([0xff]), value: null }] });
    await producer.disconnect();
    const receiver = await to.receiver(subscription(notes));
    const [delivery] = await take(receiver, 1);
    expect(delivery).toMatchObject({ key: 'base64:/w==', headers: { 'omnibus-null': 'true' } });
    expect(await receiver.settle([delivery!], ACK)).toBe(NONE);
  });

  describe('a group that is used already', () => {
    const refusal = (group: string) => ({
      code: 'TOPOLOGY',
      message: expect.stringMatching(
        `as group '${group}' failed: .*INCONSISTENT_GROUP_PROTOCOL.*give this group another address`,
      ),
    });

    it('with another assignor is refused, and says what to do', async () => {
      const notes = channel({ kind: 'queue' });
      const to = await connected(topology([notes]), { client: by });
      const other = client().consumer({
        groupId: notes.address,
        partitionAssigners: [
          () => ({
            name: 'other',
            version: 1,
            assign: async () => [],
            protocol: () => ({ name: 'other', metadata: Buffer.alloc(0) }),
          }),
        ],
      });
      onTestFinished(() => other.disconnect());
      await other.connect();
      await other.subscribe({ topic: notes.address });
      const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve));
      await other.run({ eachMessage: async () => {} });
      await joined;
      const receiver = to.receiver(subscription(notes, { group: undefined, address: notes.address }));
      await expect(receiver).rejects.toMatchObject(refusal(notes.address));
    });

    it('by what is no consumer is refused, and says what to do', async () => {
      const notes = channel();
      const to = await connected(topology([notes]), { client: by });
      const group = `${notes.address}.group`;
      await joinAs('connect', url[0]!, group);
      await expect(to.receiver(subscription(notes))).rejects.toMatchObject(refusal(group));
    });
  });

  it.each(['gzip', 'zstd'] as const)('reads what it compressed by %s', async (compression) => {
    const notes = channel();
    const to = await connected(topology([notes]), { client: by, compression });
    const sender = await to.sender(notes);
    expect(await sender.send([note({ body: Buffer.alloc(10_000, 'x') })])).toBe(NONE);
    const receiver = await to.receiver(subscription(notes));
    expect((await take(receiver, 1))[0]!.body).toHaveLength(10_000);
  });
});
