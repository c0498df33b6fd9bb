import { type Kafka as Client, Kafka as KafkaClient, logLevel } from 'kafkajs';
import { describe, expect, inject, it } from 'vitest';
import { startOwn } from '../src/broker.js';
import { until } from '../src/deadline.js';
import { FaultProxy } from '../src/fault-proxy.js';
import type { Kafka } from '../src/kafka.js';
import type { KafkaOptions } from '../src/kafka-config.js';
import { kafkaAnswers } from '../src/kafka-hello.js';
import type {} from '../src/vitest-setup.js';

const shared = inject('kafka');
const why = shared.available ? '' : ` [not run: ${shared.reason}]`;

const client = (brokers: readonly string[], more: object = {}): Client =>
  new KafkaClient({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 50 }, ...more });

/** Makes a topic and sends one message; gives where the log ends. */
async function sendOne(kafka: Client, topic: string): Promise<string | undefined> {
  const admin = kafka.admin();
  const producer = kafka.producer();
  try {
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [{ value: 'one' }] });
    return (await admin.fetchTopicOffsets(topic))[0]?.high;
  } finally {
    await producer.disconnect();
    await admin.disconnect();
  }
}

/** A Kafka of one's own. */
async function own(options: KafkaOptions): Promise<Kafka> {
  const found = await startOwn('kafka', options);
  if (!found.available) throw new Error(found.reason);
  return found;
}

it('says that nothing answers where nothing does', async () => {
  await expect(kafkaAnswers('127.0.0.1:1', 1_000)).rejects.toThrow('nothing speaks Kafka at 127.0.0.1:1');
});

describe.skipIf(!shared.available)(`a Kafka${why}`, () => {
  if (!shared.available) return it('is not run');

  it('stores what is sent', async () => {
    expect(shared.how).toMatch(/^(environment|native)$/);
    await kafkaAnswers(new URL(shared.url).host, 5_000);
    expect(await sendOne(client(shared.brokers), 'stored')).toBe('1');
  });

  it('keeps what it confirmed through a kill', async () => {
    await using kafka = await own({});
    const at = client(kafka.brokers);
    await sendOne(at, 'kept');
    await kafka.control?.kill();
    await kafka.control?.restart();
    expect(await sendOne(at, 'kept')).toBe('2');
  });

  it('asks for certificates and logins where that was asked for', async () => {
    await using kafka = await own({ tls: 'mutual', sasl: true });
    const { tls, login } = kafka;
    const { ca, cert, key } = tls!;
    const { username, password } = login!;
    expect(await sendOne(client([tls!.at], { ssl: { ca, cert, key } }), 'sealed')).toBe('1');
    for (const [index, mechanism] of (['plain', 'scram-sha-256', 'scram-sha-512'] as const).entries()) {
      const end = await sendOne(client([login!.at], { sasl: { mechanism, username, password } }), 'named');
      expect(end, mechanism).toBe(String(index + 1));
    }
    const stranger = client([login!.at], { sasl: { mechanism: 'plain', username, password: 'wrong' }, retry: { retries: 0 } });
    await expect(stranger.admin().connect()).rejects.toThrow(/authentication/i);
  });

  it('sends clients to the proxies that stand in front of its links', async () => {
    await using kafka = await own({ links: 1 });
    const [{ port, advertisedPort }] = kafka.links as [Kafka['links'][number]];
    await using proxy = await FaultProxy.listen({ port: advertisedPort, upstream: { host: '127.0.0.1', port } });
    expect(await sendOne(client([`127.0.0.1:${advertisedPort}`]), 'linked')).toBe('1');
    expect(proxy.counts.accepted).toBeGreaterThan(1);
  });

  it('is a cluster that goes on without one of three', async () => {
    await using kafka = await own({ nodes: 3 });
    const at = client(kafka.brokers);
    await sendOne(at, 'replicated');
    await kafka.nodes[2]?.kill();
    // the dead one leads some partitions until it is missed
    await until(30_000, 'another leads', async () => expect(Number(await sendOne(at, 'replicated'))).toBeGreaterThan(1));
  });
});
