import type { LogAdmin, NewTopic } from '../../client.js';
import { nameOf } from '../../errors.js';
import type { ResolvedOptions } from '../../options.js';
import { connectionOf, cut, guard, named } from './connection.js';
import { library } from './library.js';

const TOPIC_RESOURCE = 2; // Kafka protocol guide, resource types
const EARLIEST = -2n; // ListOffsets, timestamps
const LATEST = -1n;

/** Connects an administration client. */
export async function openAdmin(options: ResolvedOptions, clientId: string): Promise<LogAdmin> {
  const { Admin } = await library();
  const admin = guard(new Admin({ ...connectionOf(options, clientId), retries: 3 }));
  const close = async (): Promise<void> => {
    await admin.close().finally(() => cut(admin));
  };
  const look = async (topics: readonly string[]) => {
    try {
      return await admin.metadata({ topics: [...topics], forceUpdate: true });
    } catch (error) {
      throw named(error);
    }
  };
  /** How many partitions a topic has. */
  const countOf = async (topic: string): Promise<number> => (await look([topic])).topics.get(topic)?.partitionsCount ?? 0;
  const offsetsAt = async (topic: string, count: number, timestamp: bigint): Promise<ReadonlyMap<number, string>> => {
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions }] });
    return new Map(found?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, String(offset)]));
  };
  try {
    await look([]);
  } catch (error) {
    void close().catch(() => undefined);
    throw error;
  }
  return {
    ping: async () => void (await look([])),
    listTopics: () => admin.listTopics(),
    async describeTopics(names) {
      const { topics } = await look(names);
      return [...topics].map(([topic, { partitions }]) => ({
        topic,
        partitions: partitions.map(({ leader, replicas }) => ({ leader, replicas: replicas.length })),
      }));
    },
    async createTopics(topics) {
      // one request has one set of settings
      const groups = new Map<string, NewTopic[]>();
      for (const topic of topics) {
        const settings = JSON.stringify([...topic.settings]);
        groups.set(settings, [...(groups.get(settings) ?? []), topic]);
      }
      const requests = [...groups.values()].map((alike) =>
        admin.createTopics({
          topics: alike.map(({ topic, partitions, replicas }) => ({ topic, partitions, replicas })),
          configs: [...alike[0]!.settings].map(([name, value]) => ({ name, value })),
        }),
      );
      const failures = (await Promise.allSettled(requests)).filter((settled) => settled.status === 'rejected');
      const reasons = failures.map(({ reason }) => reason as Error);
      const worst = reasons.find((reason) => nameOf(reason) !== 'TOPIC_ALREADY_EXISTS') ?? reasons[0];
      if (worst !== undefined) throw worst;
    },
    deleteTopics: (topics) => admin.deleteTopics({ topics: [...topics] }),
    async settingsOf(topics) {
      const described = await admin.describeConfigs({
        resources: topics.map((resourceName) => ({ resourceType: TOPIC_RESOURCE, resourceName })),
      });
      return new Map(
        described.map(({ resourceName, configs }) => [
          resourceName,
          new Map(configs.map(({ name, value }) => [name, value ?? ''])),
        ]),
      );
    },
    async fetchTopicOffsets(topic) {
      const count = await countOf(topic);
      const [lows, highs] = await Promise.all([offsetsAt(topic, count, EARLIEST), offsetsAt(topic, count, LATEST)]);
      return [...highs].map(([partition, high]) => ({ partition, low: lows.get(partition) ?? '0', high }));
    },
    async fetchTopicOffsetsByTimestamp(topic, time) {
      const found = await offsetsAt(topic, await countOf(topic), BigInt(time));
      return [...found].map(([partition, offset]) => ({ partition, offset }));
    },
    fetchOffsets: ({ groupId, topics }) =>
      Promise.all(
        topics.map(async (topic) => {
          const partitionIndexes = Array.from({ length: await countOf(topic) }, (_, partition) => partition);
          const asked = { groupId, topics: [{ name: topic, partitionIndexes }] };
          const [group] = await admin.listConsumerGroupOffsets({ groups: [asked] });
          const found = group?.topics.find(({ name }) => name === topic)?.partitions ?? [];
          const offsets = new Map(found.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]));
          return {
            topic,
            partitions: partitionIndexes.map((partition) => ({ partition, offset: String(offsets.get(partition) ?? -1n) })),
          };
        }),
      ),
    async isEmpty(groupId) {
      try {
        const groups = await admin.describeGroups({ groups: [groupId] });
        return ['Empty', 'Dead'].includes(groups.get(groupId)?.state ?? 'Dead');
      } catch (error) {
        if (nameOf(error) === 'GROUP_ID_NOT_FOUND') return true;
        throw error;
      }
    },
    deleteGroup: (groupId) => admin.deleteGroups({ groups: [groupId] }),
    close,
  };
}
