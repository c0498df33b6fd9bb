import type { LogAdmin } from '../../client.js';
import type { ResolvedOptions } from '../../options.js';
import { clientOf, RETRY } from './connection.js';

const TOPIC_RESOURCE = 2; // Kafka protocol guide, resource types

/** Connects an administration client. */
export async function openAdmin(options: ResolvedOptions, clientId: string): Promise<LogAdmin> {
  const admin = (await clientOf(options, clientId)).admin({ retry: { ...RETRY, retries: 3 } });
  try {
    await admin.connect();
  } catch (error) {
    void admin.disconnect().catch(() => undefined);
    throw error;
  }
  return {
    ping: async () => void (await admin.describeCluster()),
    listTopics: () => admin.listTopics(),
    async describeTopics(topics) {
      const found = await admin.fetchTopicMetadata({ topics: [...topics] });
      return found.topics.map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ leader, replicas }) => ({ leader, replicas: replicas.length })),
      }));
    },
    async createTopics(topics) {
      await admin.createTopics({
        waitForLeaders: false, // kafkajs takes a broker that has not heard of the topic yet for a failure
        topics: topics.map(({ topic, partitions, replicas, settings }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: [...settings].map(([name, value]) => ({ name, value })),
        })),
      });
    },
    deleteTopics: (topics) => admin.deleteTopics({ topics: [...topics] }),
    async settingsOf(topics) {
      const described = await admin.describeConfigs({
        includeSynonyms: false,
        resources: topics.map((name) => ({ type: TOPIC_RESOURCE, name })),
      });
      return new Map(
        described.resources.map(({ resourceName, configEntries }) => [
          resourceName,
          new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
        ]),
      );
    },
    fetchTopicOffsets: (topic) => admin.fetchTopicOffsets(topic),
    fetchTopicOffsetsByTimestamp: (topic, time) => admin.fetchTopicOffsetsByTimestamp(topic, time),
    fetchOffsets: ({ groupId, topics }) => admin.fetchOffsets({ groupId, topics: [...topics] }),
    async isEmpty(groupId) {
      const { groups } = await admin.describeGroups([groupId]);
      return ['Empty', 'Dead'].includes(groups[0]?.state ?? 'Dead');
    },
    deleteGroup: async (groupId) => void (await admin.deleteGroups([groupId])),
    close: () => admin.disconnect(),
  };
}
