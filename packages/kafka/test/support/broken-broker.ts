import { FaultProxy, type KafkaLink, startOwn } from '@omnibus/brokers';
import type { BrokenLink, Broker, OwnBroker } from '@omnibus/conformance';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { kafka } from '../../src/index.js';
import type { KafkaOptions } from '../../src/options.js';
import { type Part, recordsOf } from './records.js';
import { removeTopic } from './remove-topic.js';

/** Ms after which a member that says nothing has lost its partitions. */
export const SILENCE_MS = 6_000;

/** Short timeouts, so that silence and the dead are noticed within a test's patience. */
const SOON = { sessionTimeoutMs: SILENCE_MS, requestTimeoutMs: 3_000, connectTimeoutMs: 1_000 } as const;

type Client = NonNullable<KafkaOptions['client']>;

/** The Kafka of these brokers, used by one client and looked at by plain kafkajs. Each link that is asked for uses up one of `links`. */
export function brokerAt(brokers: readonly string[], links: KafkaLink[], by: Client, over: KafkaOptions = {}): Broker {
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const definition = () => kafka({ url: brokers, client: by, ...SOON, ...over });
  const say = async <T>(what: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = client.admin();
    await admin.connect();
    try {
      return await what(admin);
    } finally {
      await admin.disconnect();
    }
  };
  /** By partition: the next message for the group, and the end. */
  const waiting = (address: string): Promise<readonly Part[]> =>
    say(async (admin) => {
      if (!(await admin.listTopics()).includes(address)) return [];
      const ends = await admin.fetchTopicOffsets(address);
      const [group] = await admin.fetchOffsets({ groupId: address, topics: [address] });
      return ends.map(({ partition, low, high }) => {
        const done = Number(group?.partitions.find((each) => each.partition === partition)?.offset ?? -1);
        return { partition, from: Math.max(done, Number(low)), to: Number(high) };
      });
    });
  return {
    definition,
    async link({ patient } = { patient: false }) {
      const link = links.pop();
      if (link === undefined) throw new Error('all links of this Kafka are used up');
      return brokenLink(link, by, patient ? {} : SOON);
    },
    async count(address) {
      const parts = await waiting(address);
      return parts.length === 0 ? undefined : parts.reduce((sum, { from, to }) => sum + to - from, 0);
    },
    async ids(address) {
      const records = await recordsOf(client, address, await waiting(address));
      return records.map(({ headers }) => String(headers?.['ce_id']));
    },
    partitioning: {
      definition: (metadataMaxAgeMs) => kafka({ url: brokers, client: by, ...SOON, metadataMaxAgeMs }),
      grow: (topic, count) => say(async (admin) => void (await admin.createPartitions({ topicPartitions: [{ topic, count }] }))),
      async places(topic) {
        const records = await recordsOf(client, topic);
        return records.map(({ headers, partition, offset }) => ({
          id: String(headers?.['ce_id']),
          partition,
          offset: Number(offset),
        }));
      },
    },
    remove: (address) => say((admin) => removeTopic(admin, address)),
  };
}

/** A Kafka of one's own, or why there is none to be had. Of three nodes one is broken, and two go on. */
export async function ownBroker(by: Client, nodes: 1 | 3 = 1): Promise<OwnBroker | { readonly notRun: string }> {
  const found = await startOwn('kafka', { nodes });
  if (!found.available) return { notRun: found.reason };
  const { brokers, nodes: all } = found;
  const victim = all.at(-1);
  if (victim === undefined) return { notRun: 'this Kafka is not ours to break' };
  return {
    ...brokerAt(brokers, [], by),
    restart: () => victim.restart(),
    kill: () => victim.kill(),
    async freeze() {
      await victim.pause();
      return () => victim.resume();
    },
    blockPublishers: () => Promise.reject(new Error('Kafka cannot block publishers')),
    settle: async () => {},
    [Symbol.asyncDispose]: () => found.dispose(),
  };
}

async function brokenLink({ port, advertisedPort }: KafkaLink, by: Client, timeouts: Partial<typeof SOON>): Promise<BrokenLink> {
  const proxy = await FaultProxy.listen({ port: advertisedPort, upstream: { host: '127.0.0.1', port } });
  return {
    definition: () => kafka({ url: `127.0.0.1:${advertisedPort}`, client: by, ...timeouts }),
    cut() {
      const { open } = proxy.counts;
      proxy.cutAll();
      return open;
    },
    // every message of a run has this in its body
    cutAfterNext: (direction) => proxy.cutWhen((way, chunk) => way === direction && chunk.includes('"key":"k')),
    halfOpen: () => proxy.halfOpen(),
    slow(how) {
      proxy.set(how);
      return () => proxy.heal();
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
}
